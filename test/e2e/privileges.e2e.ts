import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { z } from 'zod';
import { run } from './harness/shell.ts';
import { type StackFacts, theStack } from './harness/stack.ts';

const Inspected = z.object({
  Config: z.object({ User: z.string() }),
  HostConfig: z.object({
    CapAdd: z.array(z.string()).nullable(),
    CapDrop: z.array(z.string()).nullable(),
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    SecurityOpt: z.array(z.string()).nullable(),
    NetworkMode: z.string(),
    PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() })).nullable()).nullable(),
  }),
  Mounts: z.array(z.object({ Destination: z.string(), RW: z.boolean() })),
});

interface Privileges {
  readonly uid: string;
  readonly capabilities: readonly string[];
  /** `own`: the network of the Compose project. */
  readonly network: 'host' | 'none' | 'own';
}

/** What each container of the stack may do, and nothing more. */
const expected: Readonly<Record<string, Privileges>> = {
  init: { uid: '0', capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'], network: 'none' },
  provision: { uid: '0', capabilities: [], network: 'own' },
  nats: { uid: '10001', capabilities: [], network: 'own' },
  watcher: { uid: '0', capabilities: ['DAC_READ_SEARCH'], network: 'host' },
  reconciler: { uid: '0', capabilities: [], network: 'host' },
  scheduler: { uid: '10001', capabilities: [], network: 'own' },
  proxy: { uid: '0', capabilities: ['NET_BIND_SERVICE'], network: 'host' },
  secrets: { uid: '0', capabilities: ['DAC_READ_SEARCH'], network: 'own' },
};
/** Written by `init` alone, which makes the keys and hands a folder that the engine made to its owner. */
const readOnly = [
  '/config',
  '/docker-config',
  '/run/kedge/keys',
  '/authorities.pem',
  '/google-credentials.json',
  '/opt/credential-helpers',
];

describe('the privileges of the stack', () => {
  let facts: StackFacts;
  before(() => {
    facts = theStack();
  });

  async function inspect(service: string): Promise<z.infer<typeof Inspected>> {
    const { stdout } = await run('docker', ['inspect', `${facts.project}-${service}-1`]);
    const [found] = z.array(Inspected).parse(JSON.parse(stdout));
    assert.ok(found);
    return found;
  }

  for (const [service, { uid, capabilities, network }] of Object.entries(expected)) {
    it(`are as small as designed for ${service}`, async () => {
      const { Config, HostConfig, Mounts } = await inspect(service);
      assert.equal(Config.User.split(':')[0], uid);
      assert.deepEqual(
        (HostConfig.CapAdd ?? []).map((capability) => capability.replace(/^CAP_/, '')),
        capabilities,
      );
      assert.deepEqual(HostConfig.CapDrop, ['ALL']);
      assert.equal(HostConfig.ReadonlyRootfs, true);
      assert.equal(HostConfig.Privileged, false);
      assert.ok((HostConfig.SecurityOpt ?? []).some((option) => option.startsWith('no-new-privileges')));
      assert.equal(['host', 'none'].includes(HostConfig.NetworkMode) ? HostConfig.NetworkMode : 'own', network);
      const hasSocket = Mounts.some(({ Destination }) => Destination === '/var/run/docker.sock');
      assert.equal(hasSocket, service === 'reconciler', 'only the reconciler sees the socket');
      for (const { Destination, RW } of Mounts) {
        if (readOnly.includes(Destination)) assert.equal(RW, service === 'init', Destination);
      }
    });
  }

  it('leave the bus open to the loopback only', async () => {
    const { HostConfig } = await inspect('nats');
    const hosts = Object.values(HostConfig.PortBindings ?? {}).flatMap((bindings) => (bindings ?? []).map(({ HostIp }) => HostIp));
    assert.deepEqual(hosts, ['127.0.0.1']);
  });

  for (const component of ['watcher', 'reconciler', 'scheduler', 'proxy', 'secrets']) {
    it(`keep health and metrics of ${component} on the loopback`, async () => {
      const script = "for (const file of ['tcp', 'tcp6']) console.log(require('fs').readFileSync('/proc/net/' + file, 'utf8'))";
      const { stdout } = await run('docker', ['exec', `${facts.project}-${component}-1`, 'node', '-e', script]);
      const port = Number(facts.environment[`KEDGE_${component.toUpperCase()}_HEALTH_PORT`]).toString(16).toUpperCase().padStart(4, '0');
      const listening = stdout.split('\n').filter((line) => / 0A /.test(line) && line.includes(`:${port} `));
      assert.deepEqual(
        listening.map((line) => line.trim().split(/\s+/)[1]),
        [`0100007F:${port}`],
      );
    });
  }
});
