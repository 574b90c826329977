import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'settings.sh');

describe('settings in a file .env', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-env-'));
  });
  afterEach(async () => await rm(root, { recursive: true }));

  async function read(text: string, environment: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
    await writeFile(join(root, '.env'), text);
    const env = { PATH: process.env.PATH, HOME: '/home/ann', ...environment };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', 'root=$1; source "$2"; env -0', 'bash', root, script], { env });
    const lines = stdout.split('\0').filter((line) => line.startsWith('KEDGE_'));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  }

  // What "docker compose config --environment" makes of the same line.
  const values: readonly (readonly [written: string, meant: string])[] = [
    ['deploy', 'deploy'],
    ['a b  # why', 'a b'],
    ['a#b', 'a#b'],
    ['# nothing', '# nothing'],
    ['"a b" # why', 'a b'],
    ["'a b'", 'a b'],
    ['${HOME}/deploy', '/home/ann/deploy'],
    ['$HOME/deploy', '/home/ann/deploy'],
    ['"${HOME}/my deploy"', '/home/ann/my deploy'],
    ["'${HOME}/deploy'", '${HOME}/deploy'],
    ['"\\${HOME}/deploy"', '${HOME}/deploy'],
    ['$${HOME}', '${HOME}'],
    ['${NOWHERE}x', 'x'],
    ['${NOWHERE:-/srv}/deploy', '/srv/deploy'],
    ['${EMPTY:-full}', 'full'],
    ['${EMPTY-full}', ''],
    ['${HOME:+here}', 'here'],
    ['${NOWHERE+here}', ''],
    ['${EARLIER}/deploy', '/opt/deploy'],
    ['a=b', 'a=b'],
  ];
  for (const [written, meant] of values) {
    it(`mean ${JSON.stringify(meant)} when they are written ${written}`, async () => {
      assert.deepEqual(await read(`EARLIER=/opt\nEMPTY=\nKEDGE_CONFIG=${written}\n`), { KEDGE_CONFIG: meant });
    });
  }

  it('are those of Kedge only, with or without "export", at the end of the file too, and with line ends of Windows', async () => {
    const text =
      'PATH=/nowhere\r\nexport KEDGE_NODE=one\r\nKEDGE_ZONE = Europe/Berlin\r\nnonsense\r\n# KEDGE_TAG=old\r\nKEDGE_HTTP_PORT=8080';
    assert.deepEqual(await read(text), { KEDGE_NODE: 'one', KEDGE_ZONE: 'Europe/Berlin', KEDGE_HTTP_PORT: '8080' });
  });

  it('give way to the environment, there and where a line names another', async () => {
    const text = 'KEDGE_CONFIG=mine\nKEDGE_PROJECT_DIR=${KEDGE_CONFIG}/x\n';
    const found = await read(text, { KEDGE_CONFIG: 'yours' });
    assert.deepEqual(found, { KEDGE_CONFIG: 'yours', KEDGE_PROJECT_DIR: 'yours/x' });
  });
});
