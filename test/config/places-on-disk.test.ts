import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createConfigurationFolder } from '@kedge/config/folder';
import type { Files } from './harness/examples.ts';
import { rendererOnDisk, verdictOn } from './harness/read-in-memory.ts';

const main = '[[service]]\npath = "web"\n';
const web = '[service]\nname = "web"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n';
const withEnv = web.replace('[dispenser]', 'env_file = "a.env"\n[dispenser]');

interface Faulty {
  readonly files: Files;
  /** The file that is written as the table of ways says. */
  readonly faulty: string;
  /** Line and column, as an editor shows them. */
  readonly at: string;
}

const inMain = (text: string, at: string): Faulty => ({ files: { 'web/service.toml': web, 'kedge.toml': text }, faulty: 'kedge.toml', at });
const inService = (text: string, at: string): Faulty => ({
  files: { 'kedge.toml': main, 'web/service.toml': text },
  faulty: 'web/service.toml',
  at,
});
const inVariables = (text: string, at: string): Faulty => ({
  files: { 'kedge.toml': main, 'web/service.toml': web, 'dispenser.vars': text },
  faulty: 'dispenser.vars',
  at,
});
const inOthers = (text: string, at: string): Faulty => ({
  files: { 'kedge.toml': main, 'web/service.toml': web, 'dispenser.vars': 'a = "1"\n', 'x.dispenser.vars': text },
  faulty: 'x.dispenser.vars',
  at,
});
const inEnvFile = (text: string, at: string): Faulty => ({
  files: { 'kedge.toml': main, 'web/service.toml': withEnv, 'web/a.env': text },
  faulty: 'web/a.env',
  at,
});

const faults: readonly Faulty[] = [
  inMain(`dealy = 5\n${main}`, '1:1'),
  inMain(`delay = "5"\n${main}`, '1:9'),
  inMain(`delay = x\n${main}`, '1:9'),
  inMain(`delay = \${x}\n${main}`, '1:11'),
  inMain(`${main}[proxy]\n  enabled = 5\n`, '4:13'),
  inService(`colour = 1\n${web}`, '1:1'),
  inService(`oops\n${web}`, '1:5'),
  inService(web.replace('nginx:1', '${x}'), '3:12'),
  inService(`# \${x}\n${web}`, '1:5'),
  inService(web.replace('true', '"true"'), '5:9'),
  inVariables('a = 5\n', '1:1'),
  inVariables('  a = 5\n', '1:3'),
  inVariables('a = x\n', '1:5'),
  inVariables('a = "1"\nb = 5\n', '2:1'),
  inVariables('a = "1"\n  b = oops\n', '2:7'),
  inOthers('b = "${x}"\n', '1:8'),
  inOthers('  b = 5\n', '1:3'),
  inOthers('b = "${a}"\nc = 5\n', '2:1'),
  inEnvFile('oops\n', '1:1'),
  inEnvFile('A=1\nB="x\n', '2:1'),
];

const mark = '\uFEFF';
const ways: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
  'as it is': (text) => text,
  'with a byte order mark': (text) => mark + text,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'with a byte order mark and CRLF': (text) => mark + text.replaceAll('\n', '\r\n'),
};

describe('places in files on disk', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-places-'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  async function write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }

  /** Each problem as `file:line:column`. */
  async function places(): Promise<readonly string[]> {
    const verdict = await verdictOn(createConfigurationFolder({ path: root }), rendererOnDisk(root));
    assert.ok(verdict.kind === 'invalid', verdict.kind);
    return verdict.problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
  }

  for (const [way, written] of Object.entries(ways)) {
    it(`are told as an editor shows them, in a file ${way}`, async () => {
      for (const { files, faulty, at } of faults) {
        await rm(root, { recursive: true, force: true });
        for (const [path, text] of Object.entries(files)) await write(path, path === faulty ? written(text) : text);
        assert.deepEqual(await places(), [`${faulty}:${at}`], JSON.stringify(files[faulty]));
      }
    });
  }

  it('are told where a file with a byte order mark stops to be text', async () => {
    await write('kedge.toml', main);
    await write('web/service.toml', Buffer.concat([Buffer.from(`${mark}# caf`), Uint8Array.of(0xe9, 0x0a)]));
    assert.deepEqual(await places(), ['web/service.toml:1:6']);
  });

  it('are told up to the end of the largest files of variables', async () => {
    const most = 1024 * 1024;
    const line = `# ${'x'.repeat(61)}\n`;
    const lines = Math.floor((most - 20) / line.length);
    for (const [files, faulty] of [
      [{ 'web/service.toml': web }, 'dispenser.vars'],
      [{ 'web/service.toml': withEnv }, 'web/a.env'],
    ] as const) {
      await rm(root, { recursive: true, force: true });
      for (const [path, text] of Object.entries({ 'kedge.toml': main, ...files })) await write(path, text);
      await write(faulty, `${line.repeat(lines)}b c = 5\n`);
      assert.deepEqual(
        (await places()).map((place) => place.replace(/:\d+$/, '')),
        [`${faulty}:${lines + 1}`],
      );
    }
  });
});
