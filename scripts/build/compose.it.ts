import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';

interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

interface Part {
  readonly user?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly network_mode?: string;
  readonly pull_policy?: string;
  readonly image: string;
  readonly volumes?: readonly Mount[];
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number }[];
}

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

/** What Compose makes of the files where nobody set anything. */
async function readParts(...overlays: readonly string[]): Promise<Readonly<Record<string, Part>>> {
  const files = ['docker-compose.yml', ...overlays].flatMap((file) => ['-f', file]);
  const { stdout, stderr } = await run('docker', ['compose', ...files, '--profile', '*', 'config', '--format', 'json'], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  assert.equal(stderr, '', 'no variable is missed');
  return (JSON.parse(stdout) as { services: Record<string, Part> }).services;
}

describe('docker-compose.yml', () => {
  let parts: Readonly<Record<string, Part>> = {};
  before(async () => {
    parts = await readParts();
  });
  const own = () => Object.entries(parts).filter(([, part]) => part.image.startsWith('kedge/'));
  const mountsOf = (part: Part) => part.volumes ?? [];

  it('gives every part of Kedge a read-only root and no way to more rights', () => {
    for (const [name, part] of [...own(), ['nats', parts.nats] as const]) {
      assert.ok(part, name);
      assert.equal(part.read_only, true, name);
      assert.deepEqual(part.cap_drop, ['ALL'], name);
      assert.deepEqual(part.security_opt, ['no-new-privileges'], name);
      assert.notEqual(part.privileged, true, name);
    }
  });

  it('gives each exactly the user and the capabilities it needs', () => {
    const rights = Object.fromEntries(
      [...own(), ['nats', parts.nats] as const].map(([name, part]) => [name, [part?.user, part?.cap_add ?? []]]),
    );
    assert.deepEqual(rights, {
      init: ['0:0', ['CHOWN', 'DAC_OVERRIDE', 'FOWNER']],
      provision: ['0:0', []],
      cli: ['0:0', []],
      nats: ['10001:10001', []],
      watcher: ['0:0', ['DAC_READ_SEARCH']],
      secrets: ['0:0', ['DAC_READ_SEARCH']],
      reconciler: ['0:0', []],
      proxy: ['0:0', ['NET_BIND_SERVICE']],
      scheduler: ['10001:10001', []],
    });
  });

  it("shows the engine's socket to the reconciler alone", () => {
    const seeing = Object.entries(parts).filter(([, part]) => mountsOf(part).some(({ source }) => source.endsWith('docker.sock')));
    assert.deepEqual(
      seeing.map(([name]) => name),
      ['reconciler'],
    );
  });

  it('gives each its own keys, which it cannot change', () => {
    for (const [name, part] of own().filter(([name]) => name !== 'init')) {
      const keys = mountsOf(part).filter(({ source }) => source.startsWith('keys-'));
      assert.deepEqual(
        keys.map(({ source, target, read_only }) => [source, target, read_only]),
        [[`keys-${name}`, '/run/kedge/keys', true]],
      );
    }
  });

  it("shows the user's folders read-only", () => {
    for (const [name, part] of own().filter(([name]) => name !== 'init')) {
      const binds = mountsOf(part).filter(({ type, target }) => type === 'bind' && !target.endsWith('docker.sock'));
      for (const { target, read_only } of binds) assert.equal(read_only, true, `${name} ${target}`);
    }
  });

  it('opens ports of the bus and of the demo to this machine only', () => {
    for (const [name, { ports = [] }] of Object.entries(parts)) {
      for (const { host_ip } of ports) assert.equal(host_ip, '127.0.0.1', name);
    }
  });

  it("never looks for Kedge's own images in a registry", () => {
    for (const [name, part] of own()) assert.equal(part.pull_policy, 'never', name);
  });
});

describe('compose.bridge.yaml', () => {
  it("takes every part off the host's network and publishes the proxy's port", async () => {
    const parts = await readParts('compose.bridge.yaml');
    for (const [name, part] of Object.entries(parts)) assert.notEqual(part.network_mode, 'host', name);
    assert.deepEqual(
      parts.proxy?.ports?.map(({ target }) => target),
      [80],
    );
  });
});
