import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

type Lines = Readonly<Record<string, string>>;

/** Chooses, or says why it does not; prints what the stack would be started with. */
const script = `
root=$PWD dev_project=kedge-dev
source scripts/lib/step.sh
source scripts/lib/dev-ports.sh
engine_silent() { fail 'silent' 'again'; }
choose_dev_ports
env | grep -E '^KEDGE_[A-Z]+(_HEALTH)?_PORT=.|^KEDGE_CERTIFICATES='
`;

describe('the ports of kedge dev', () => {
  let programs = '';
  let server: Server;
  let taken = '';
  const stack: Server[] = [];
  before(async () => {
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    taken = String(typeof address === 'object' && address ? address.port : 0);
  });
  after(() => server.close());
  beforeEach(async () => {
    programs = await mkdtemp(join(tmpdir(), 'kedge-programs-'));
    await engine({});
  });
  afterEach(async () => {
    for (const each of stack.splice(0)) each.close();
    await rm(programs, { recursive: true });
  });

  /** Stands in for the engine: a proxy of the stack runs with these settings; without any there is none. */
  async function engine(settings: Lines): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const text = `#!/bin/bash\nif [[ $1 == inspect ]]; then printf '%s\\n' ${lines.join(' ')}; else ${lines.length > 0 ? 'echo 0123' : ':'}; fi\n`;
    await writeFile(join(programs, 'docker'), text);
    await chmod(join(programs, 'docker'), 0o755);
  }
  async function chosen(settings: Lines = {}): Promise<Lines> {
    const env = { PATH: `${programs}:${process.env.PATH}`, ...settings };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env });
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  }
  /** Somebody listens on eight ports in a row; had: with what settings the proxy of a stack on them runs. */
  async function listening() {
    for (;;) {
      // Below those that the kernel gives to connections.
      const first = 20_000 + Math.floor(Math.random() * 10_000);
      const servers = Array.from({ length: 8 }, () => createServer((socket) => socket.destroy()));
      stack.push(...servers);
      const opened = servers.map(async (each, index) => await once(each.listen(first + index, '127.0.0.1'), 'listening'));
      if ((await Promise.allSettled(opened)).some(({ status }) => status === 'rejected')) continue;
      const port = (index: number) => String(first + index);
      const at = { RECONCILER: port(1), PROXY: port(3), SECRETS: port(4), HTTP: port(5), HTTPS: port(6), NATS: port(7) };
      const had = { KEDGE_HTTP_PORT: at.HTTP, KEDGE_HTTPS_PORT: at.HTTPS, KEDGE_BUS_URL: `nats://127.0.0.1:${at.NATS}` };
      return { at, had: { ...had, KEDGE_HEALTH_PORT: at.PROXY } };
    }
  }
  const refused =
    (...parts: readonly RegExp[]) =>
    ({ stderr }: { readonly stderr: string }) => {
      for (const part of parts) assert.match(stderr, part);
      return true;
    };
  const portsOf = (settings: Lines) =>
    Object.entries(settings)
      .filter(([name]) => /^KEDGE_(?:HTTP|HTTPS|NATS|\w+_HEALTH)_PORT$/.test(name))
      .map(([, port]) => port);

  for (const wrong of ['abc', '0', '70000', '65536', '-1', '08080', '80 80', '8080; true', '1e3', '99999999999999999999']) {
    for (const name of ['KEDGE_DEV_HTTP_PORT', 'KEDGE_DEV_HTTPS_PORT', 'KEDGE_DEV_NATS_PORT']) {
      it(`are not "${wrong}", and the one that says so names ${name}`, async () => {
        const says = refused(
          new RegExp(`failed: ${name} is "${wrong}", which is no port\n`),
          /what to do: set it to a number from 1 to 65535/,
        );
        await assert.rejects(chosen({ [name]: wrong }), says);
      });
    }
  }

  it('are the ones that are set, when nobody listens there', async () => {
    const { KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT, KEDGE_NATS_PORT, KEDGE_CERTIFICATES } = await chosen({
      KEDGE_DEV_HTTP_PORT: '65535',
      KEDGE_DEV_HTTPS_PORT: '1',
      KEDGE_DEV_NATS_PORT: '65533',
    });
    assert.deepEqual([KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT, KEDGE_NATS_PORT, KEDGE_CERTIFICATES], ['65535', '1', '65533', 'self-signed']);
    await assert.rejects(chosen({ KEDGE_DEV_NATS_PORT: taken }), refused(new RegExp(`port ${taken} is taken`), /KEDGE_DEV_NATS_PORT/));
  });

  it('are not one number for two, and what says so names both', async () => {
    const twice = { KEDGE_DEV_HTTP_PORT: '65532', KEDGE_DEV_HTTPS_PORT: '65532' };
    await assert.rejects(
      chosen(twice),
      refused(/KEDGE_DEV_HTTPS_PORT and KEDGE_DEV_HTTP_PORT both name port 65532\n/, /what to do: give each its own/),
    );
    await assert.rejects(chosen({ KEDGE_DEV_HTTP_PORT: '65532', KEDGE_DEV_NATS_PORT: '65532' }), refused(/both name port 65532/));
    assert.equal((await chosen({ ...twice, KEDGE_DEV_STRATEGY: 'http-only' })).KEDGE_HTTP_PORT, '65532', 'nothing asks for HTTPS there');
  });

  it('are different ones, whichever are set and whichever the stack had', async () => {
    const near = fc.constantFrom('8080', '8081', '8443', '8444', '4223', '9111', '9113', '9115');
    const some = (...names: readonly string[]) =>
      fc.uniqueArray(fc.tuple(fc.constantFrom(...names), near), { selector: ([, port]) => port }).map((pairs) => Object.fromEntries(pairs));
    await fc.assert(
      fc.asyncProperty(
        some('KEDGE_DEV_HTTP_PORT', 'KEDGE_DEV_HTTPS_PORT', 'KEDGE_DEV_NATS_PORT'),
        some('KEDGE_HTTP_PORT', 'KEDGE_HTTPS_PORT', 'KEDGE_HEALTH_PORT'),
        async (set, had) => {
          await engine(had);
          const ports = await chosen(set).then(portsOf, (refusal: { readonly stderr: string }) => refusal.stderr);
          // Some other program of this machine may listen on one that is set.
          fc.pre(!/is taken by/.test(String(ports)));
          assert.equal(ports.length, 8, String(ports));
          assert.equal(new Set(ports).size, 8, String(ports));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('leave those alone that the usual stack is set to have, also while it does not run', async () => {
    const usual = { KEDGE_HTTP_PORT: '8080', KEDGE_NATS_PORT: '4223', KEDGE_PROXY_HEALTH_PORT: '9113', KEDGE_REGISTRY_PORT: '8443' };
    const ports = portsOf(await chosen(usual));
    for (const each of Object.values(usual)) assert.ok(!ports.includes(each), `${each} is among ${ports}`);
  });

  it('stay with a stack that runs', async () => {
    const had = { KEDGE_HTTP_PORT: '8999', KEDGE_HTTPS_PORT: '8998', KEDGE_BUS_URL: 'nats://127.0.0.1:4999', KEDGE_HEALTH_PORT: '9994' };
    await engine(had);
    const kept = await chosen({ KEDGE_HTTP_PORT: '8999' });
    assert.deepEqual(
      ['HTTP', 'HTTPS', 'NATS', 'WATCHER_HEALTH', 'PROXY_HEALTH', 'SECRETS_HEALTH'].map((name) => kept[`KEDGE_${name}_PORT`]),
      ['8999', '8998', '4999', '9991', '9994', '9995'],
    );
  });

  it('go from one part of the proxy to another, also while the stack listens', async () => {
    const { had, at } = await listening();
    await engine(had);
    const moved = await chosen({ KEDGE_DEV_HTTP_PORT: at.HTTPS });
    assert.equal(moved.KEDGE_HTTP_PORT, at.HTTPS);
    assert.equal(new Set(portsOf(moved)).size, 8, 'the others make room');
    const swapped = await chosen({ KEDGE_DEV_HTTP_PORT: at.HTTPS, KEDGE_DEV_HTTPS_PORT: at.HTTP });
    assert.deepEqual([swapped.KEDGE_HTTP_PORT, swapped.KEDGE_HTTPS_PORT], [at.HTTPS, at.HTTP]);
    assert.deepEqual(portsOf(await chosen({ KEDGE_DEV_HTTP_PORT: at.HTTP, KEDGE_DEV_NATS_PORT: at.NATS })), portsOf(await chosen()));
    const ofProxy = await chosen({ KEDGE_DEV_HTTPS_PORT: at.PROXY });
    assert.deepEqual([ofProxy.KEDGE_HTTPS_PORT, new Set(portsOf(ofProxy)).size], [at.PROXY, 8]);
  });

  it('are refused by the name of the part that has them, where that one would not leave in time', async () => {
    const { had, at } = await listening();
    await engine(had);
    for (const [setting, port, holder] of [
      ['KEDGE_DEV_NATS_PORT', at.RECONCILER, 'the health check of its reconciler'],
      ['KEDGE_DEV_HTTP_PORT', at.SECRETS, 'the health check of its secrets'],
      ['KEDGE_DEV_NATS_PORT', at.HTTP, 'HTTP'],
      ['KEDGE_DEV_HTTPS_PORT', at.NATS, 'NATS'],
    ] as const) {
      const says = refused(
        new RegExp(`failed: port ${port} is taken by the dev stack that runs, for ${holder}\n`),
        new RegExp(`what to do: say "kedge dev --down" before, or set another ${setting}\n`),
      );
      await assert.rejects(chosen({ [setting]: port }), says);
    }
  });
});
