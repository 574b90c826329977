import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Bus } from '@kedge/shared/bus';
import { Digest, ImageReference, ServiceName } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';

const digest = Digest.parse(`sha256:${'c'.repeat(64)}`);
const platformDigest = Digest.parse(`sha256:${'d'.repeat(64)}`);
const expected = `web, api is now ${digest}\n`;
const kedge = `${process.execPath} ${pathOf('../../libs/cli/main.ts')}`;

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A hook as it is run. */
interface Hook {
  readonly command: string;
  readonly words: readonly string[];
  /** Of the environment, beside those that every hook of these tests gets. */
  readonly settings: Readonly<Record<string, string>>;
}

const inTypeScript = { name: 'on-image-updated.ts', command: process.execPath, words: [pathOf('on-image-updated.ts')] };
const inShell = { name: 'on-image-updated.sh', command: 'sh', words: [pathOf('on-image-updated.sh')] };

describe('the hooks of this folder', () => {
  let testBus: TestBus;
  let watcher: Bus;
  const children: ChildProcess[] = [];

  before(async () => {
    testBus = await startTestBus();
    watcher = await testBus.connect('watcher');
  });
  after(async () => {
    for (const child of children) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
      // The whole group: a shell and the two ends of its pipe.
      if (child.pid !== undefined && ended) process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
    await testBus.close();
  });

  function start({ command, words, settings }: Hook) {
    const environment = { PATH: process.env.PATH, KEDGE: kedge, KEDGE_KEYS: testBus.keysFolder('hooks'), ...settings };
    const child = spawn(command, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    children.push(child);
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      said.out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.err += chunk.toString();
    });
    return { child, said };
  }

  /** A core subscription hears nothing from before it, so the image is said again until the hook has said something. */
  async function firstWords({
    settings = { KEDGE_BUS_URL: testBus.url },
    ...hook
  }: Omit<Hook, 'settings'> & Partial<Hook>): Promise<string> {
    const { child, said } = start({ ...hook, settings });
    await waitUntil(
      async () => {
        const services = [ServiceName.parse('web'), ServiceName.parse('api')];
        await watcher.publish('image.updated', {
          reference: ImageReference.parse('hello:1'),
          digest,
          platformDigest,
          previous: null,
          services,
        });
        if (child.exitCode !== null) throw new Error(`the hook ended with ${child.exitCode}: ${said.err}`);
        return said.out.includes('\n');
      },
      { timeoutMs: 20_000, what: `the first words of ${hook.words.at(-1)}` },
    );
    return said.out.slice(0, said.out.indexOf('\n') + 1);
  }

  it('work in TypeScript, with nothing but the NATS client', async () => {
    assert.equal(await firstWords(inTypeScript), expected);
    assert.doesNotMatch(await readFile(pathOf('on-image-updated.ts'), 'utf8'), /@kedge/);
  });

  it('work in POSIX shell', async () => {
    assert.equal(await firstWords(inShell), expected);
  });

  it('find the bus by the port that the stack was told', async () => {
    const port = testBus.url.split(':').at(-1) ?? '';
    assert.equal(await firstWords({ ...inTypeScript, settings: { KEDGE_NATS_PORT: port } }), expected);
  });

  for (const hook of [inTypeScript, inShell]) {
    it(`say in one line that nobody listens, and end with 1 (${hook.name})`, async () => {
      const { child, said } = start({ ...hook, settings: { KEDGE_BUS_URL: 'nats://127.0.0.1:1' } });
      const [code] = await once(child, 'close');
      assert.equal(code, 1);
      assert.match(said.err, /^.*nats:\/\/127\.0\.0\.1:1.*\n$/);
    });
  }

  it('say in one line that there is no key', async () => {
    const { child, said } = start({ ...inTypeScript, settings: { KEDGE_KEYS: '/nowhere' } });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(said.err, /^.*\/nowhere\/hooks\.nk.*\n$/);
  });

  it('are shorter than 15 lines', async () => {
    for (const name of ['on-image-updated.ts', 'on-image-updated.sh']) {
      const lines = (await readFile(pathOf(name), 'utf8')).trimEnd().split('\n').length;
      assert.ok(lines < 15, `${name} has ${lines} lines`);
    }
  });
});
