import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PlainSecrets, servePlainSecrets } from '@kedge/config/testing';
import type { Bus } from '@kedge/shared/bus';
import {
  type CloudEvent,
  ConfigManifest,
  type DataOf,
  type EventSubject,
  entriesOf,
  ImageEntry,
  ImageReference,
  imageKey,
  manifestKey,
  NodeName,
  ServiceEntry,
  ServiceName,
  serviceKey,
  subjects,
} from '@kedge/shared/contracts';
import type { Closable } from '@kedge/shared/kernel';
import { type ComponentProcess, startComponentProcess, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { type FakeRegistry, startFakeRegistry } from './fake-registry.ts';

/** A real bus, a stand-in for secrets and a registry that speaks the protocol, for watchers as processes. */
export interface WatcherRig extends Closable {
  readonly cli: Bus;
  /** Of the watcher's identity, to read what it wrote. */
  readonly reader: Bus;
  readonly registry: FakeRegistry;
  readonly secrets: PlainSecrets;
  /** Takes secrets away; the function brings them back. */
  loseSecrets(): Promise<() => Promise<void>>;
  /** A node, a folder and images of their own, so that nothing is there yet. */
  stage(): Promise<Stage>;
}

export interface Stage extends Closable {
  readonly node: NodeName;
  readonly folder: string;
  /** Before every repository of this stage: tells its requests from others. */
  readonly prefix: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Starts the watcher of the node; `instance` tells several apart, and `within` is the folder of its configuration, in that of the stage. */
  start(instance?: string, within?: string): Promise<ComponentProcess>;
  image(name: string): ImageReference;
  /** The text of a `service.toml` whose image is `image(name)`. */
  service(name: string, more?: string): string;
  /** The text of a main file that names these folders. */
  main(...folders: readonly string[]): string;
  manifest(): Promise<ConfigManifest | null>;
  entry(name: string): Promise<ServiceEntry | null>;
  imageEntry(name: string): Promise<ImageEntry | null>;
  /** What was said of the node so far, each event once. */
  heard<Name extends EventSubject>(subject: Name): readonly DataOf<Name>[];
  /** Resolves when exactly these services are in force. */
  inForce(...names: readonly string[]): Promise<void>;
  /** Requests for images of this stage. */
  asked(): readonly string[];
}

export async function startWatcherRig(): Promise<WatcherRig> {
  const testBus = await startTestBus();
  const [cli, reader, registry] = await Promise.all([
    testBus.connect('cli'),
    testBus.connect('watcher', { instance: 'reader' }),
    startFakeRegistry(),
  ]);
  const events: CloudEvent[] = [];
  const ours = entriesOf(subjects).flatMap(([subject, contract]) =>
    contract.kind === 'event' && contract.publisher === 'watcher' ? [subject] : [],
  );
  cli.follow(ours, (event) => events.push(event));

  const keys = testBus.keysFolder('secrets');
  let secretsBus = await testBus.connect('secrets');
  const secrets = await servePlainSecrets(secretsBus, keys);
  let bringBack: (() => Promise<void>) | null = null;
  let stages = 0;

  return {
    cli,
    reader,
    registry,
    secrets,
    async loseSecrets() {
      await secretsBus.close();
      bringBack = async () => {
        bringBack = null;
        secretsBus = await testBus.connect('secrets');
        await servePlainSecrets(secretsBus, keys, secrets);
      };
      return bringBack;
    },
    async stage() {
      // A test that failed may have left them away.
      await bringBack?.();
      stages += 1;
      Object.assign(secrets, { variables: {}, keyId: 'key1', origin: 'vars', credentials: null, problems: [] } satisfies PlainSecrets);
      registry.intercept = null;
      return await openStage({ testBus, reader, registry, events, number: stages });
    },
    async close() {
      await registry.close();
      await testBus.close();
    },
  };
}

interface StageParts {
  readonly testBus: TestBus;
  readonly reader: Bus;
  readonly registry: FakeRegistry;
  readonly events: readonly CloudEvent[];
  readonly number: number;
}

async function openStage({ testBus, reader, registry, events, number }: StageParts): Promise<Stage> {
  const node = NodeName.parse(`n${number}`);
  const prefix = `stage${number}`;
  const folder = await mkdtemp(join(tmpdir(), 'kedge-watcher-'));
  const specs = reader.bucket('services', ServiceEntry);
  const manifests = reader.bucket('services', ConfigManifest);
  const images = reader.bucket('images', ImageEntry);
  const processes: ComponentProcess[] = [];

  const image = (name: string) => ImageReference.parse(`${registry.host}/${prefix}/${name}`);
  const manifest = async () => (await manifests.get(manifestKey(node)))?.value ?? null;
  return {
    node,
    folder,
    prefix,
    image,
    manifest,
    async write(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
    },
    async start(instance = `w${number}`, within = '.') {
      const process = await startComponentProcess({
        main: new URL('../main.ts', import.meta.url),
        until: 'listening',
        environment: {
          KEDGE_NODE: node,
          KEDGE_INSTANCE: instance,
          KEDGE_BUS_URL: testBus.url,
          KEDGE_KEYS: testBus.keysFolder('watcher'),
          KEDGE_CONFIG_DIR: join(folder, within),
          KEDGE_CONFIG_NAME: within === '.' ? './deploy' : `./${within}`,
          KEDGE_HTTP_PORT: '80',
          KEDGE_PLATFORM: 'linux/amd64',
        },
      });
      processes.push(process);
      return process;
    },
    service: (name, more = '') => `[service]\nname = "${name}"\nimage = "${image(name)}"\n${more}\n[dispenser]\nwatch = true\n`,
    main: (...folders) => ['delay = 1', ...folders.map((each) => `[[service]]\npath = "${each}"`), ''].join('\n'),
    entry: async (name) => (await specs.get(serviceKey(node, ServiceName.parse(name))))?.value ?? null,
    imageEntry: async (name) => (await images.get(imageKey(image(name))))?.value ?? null,
    heard(subject) {
      const said = events.filter((event) => event.kedgenode === node && event.type === `${subject}.v1`);
      return [...new Map(said.map((event) => [event.id, event.data as DataOf<typeof subject>])).values()];
    },
    async inForce(...names) {
      const wanted = names.toSorted().join();
      const current = async () => {
        const now = await manifest();
        return now && Object.keys(now.services).toSorted().join();
      };
      await waitUntil(async () => (await current()) === wanted, { timeoutMs: 15_000, what: `the services ${wanted} in force` });
    },
    asked: () => registry.requests.map(({ path }) => path).filter((path) => path.startsWith(`/v2/${prefix}/`)),
    async close() {
      // A goodbye gives the lease back; a member that was killed would own images of the next stage for a while.
      await Promise.all(processes.map((process) => process.stop('SIGTERM')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
