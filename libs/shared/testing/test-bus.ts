import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JetStreamManager, jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { StartedTestContainer } from 'testcontainers';
import { type Bus, connectBus } from '../bus/index.ts';
import { initialiseBus, provisionBus } from '../bus/setup/index.ts';
import { type Identity, NodeName } from '../contracts/index.ts';
import type { Closable } from '../kernel/index.ts';
import { silentLog } from './silent-log.ts';

/** A real nats-server with the generated accounts and permissions, provisioned. */
export interface TestBus extends Closable {
  readonly url: string;
  readonly container: StartedTestContainer;
  connect(identity: Identity, options?: { readonly node?: string; readonly instance?: string }): Promise<Bus>;
  /** The folder with the keys of an identity, as a component would be given it. */
  keysFolder(identity: Identity): string;
  /** Repeats what the one-shot `provision` does. */
  provision(): Promise<void>;
  /** Does to the store what only its owner may: losing a bucket, for example. */
  asOwner(work: (store: JetStreamManager) => Promise<unknown>): Promise<void>;
}

/** Names of hooks that get a durable consumer on a test bus. */
export const testHooks = ['test'] as const;

process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

/** Starts a server in a container on a free port; closing it closes every connection made here. */
export async function startTestBus(): Promise<TestBus> {
  // Loaded only where it is used: it costs every unit test most of a second.
  const { GenericContainer, Wait } = await import('testcontainers');
  const folder = await mkdtemp(join(tmpdir(), 'kedge-bus-'));
  const natsConfigFile = join(folder, 'nats.conf');
  await initialiseBus({
    keysRoot: join(folder, 'keys'),
    natsConfigFile,
    storeFolder: '/tmp/store',
    hooks: testHooks,
    projectFolder: folder,
    publicUrl: 'nats://127.0.0.1:4222',
  });
  await chmod(natsConfigFile, 0o644);
  const container = await new GenericContainer('nats:2.15-alpine')
    .withCopyFilesToContainer([{ source: natsConfigFile, target: '/etc/kedge/nats.conf' }])
    .withCommand(['-c', '/etc/kedge/nats.conf'])
    .withExposedPorts(4222)
    .withLabels({ 'kedge.test': 'bus' })
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  const url = `nats://127.0.0.1:${container.getMappedPort(4222)}`;
  const open: Bus[] = [];
  const keysFolder = (identity: Identity) => join(folder, 'keys', identity);
  const provision = async () => await provisionBus({ url, keysFolder: keysFolder('provision'), hooks: testHooks, tell: () => undefined });
  await provision();

  let made = 0;
  return {
    url,
    container,
    keysFolder,
    provision,
    async asOwner(work) {
      const seed = (await readFile(join(keysFolder('provision'), 'provision.nk'), 'utf8')).trim();
      const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
      const connection = await connect({ servers: url, authenticator, inboxPrefix: '_INBOX_provision' });
      await work(await jetstream(connection).jetstreamManager(false));
      await connection.close();
    },
    async connect(identity, { node = 'local', instance } = {}) {
      made += 1;
      const bus = await connectBus({
        identity,
        node: NodeName.parse(node),
        instance: instance ?? `${identity}-${made}`,
        url,
        keysFolder: keysFolder(identity),
        log: silentLog(),
      });
      open.push(bus);
      return bus;
    },
    async close() {
      await Promise.all(open.map((bus) => bus.close()));
      await container.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
