import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readText } from './read-text.ts';

describe('a text of the user', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-text-'));
  });
  after(async () => await rm(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);

  it('is read as it is: with a byte order mark, CRLF, tabs and NUL', async () => {
    const text = '\uFEFFa = 1\r\n\tb = "\0é🚢"\r\n';
    await writeFile(path('a.toml'), text);
    assert.deepEqual(await readText(path('a.toml')), { kind: 'text', text });
    await writeFile(path('empty.toml'), '');
    assert.deepEqual(await readText(path('empty.toml')), { kind: 'text', text: '' });
  });

  for (const [name, bytes, at] of [
    ['latin1', [...Buffer.from('a = 1\nb = "ä'), 0xe4, 0x22], { line: 2, column: 7 }],
    ['cut off', [0x61, 0x0a, 0xf0, 0x9f, 0x9a], { line: 2, column: 1 }],
    ['overlong', [0x61, 0xc0, 0x80], { line: 1, column: 2 }],
    ['surrogate', [0xed, 0xa0, 0x80], { line: 1, column: 1 }],
    ['behind a wide character', [...Buffer.from('🚢'), 0xff], { line: 1, column: 3 }],
  ] as const) {
    it(`that is not UTF-8 is refused at its first bad byte: ${name}`, async () => {
      await writeFile(path('bad.toml'), Uint8Array.from(bytes));
      const read = await readText(path('bad.toml'));
      assert.deepEqual(read.kind === 'unreadable' && [read.at, read.reason], [
        at,
        'is not UTF-8 text from here on; save the file as UTF-8',
      ]);
    });
  }

  it('that is UTF-16 is named so', async () => {
    await writeFile(path('wide.toml'), Buffer.from('\uFEFFa = 1', 'utf16le'));
    const read = await readText(path('wide.toml'));
    assert.match(read.kind === 'unreadable' ? read.reason : '', /UTF-16/);
  });

  it('that is too large is refused with its size', async () => {
    await writeFile(path('large.toml'), Buffer.alloc(5 * 1024 * 1024, 'a'));
    assert.deepEqual(await readText(path('large.toml')), { kind: 'unreadable', reason: 'is larger than 256 KiB: it has 5120 KiB' });
    await writeFile(path('fits.toml'), Buffer.alloc(256 * 1024, 'a'));
    assert.equal((await readText(path('fits.toml'))).kind, 'text');
  });

  it('is nothing else that may lie there, and nobody waits for it', async () => {
    await mkdir(path('folder.toml'));
    await symlink(path('nowhere'), path('dangling.toml'));
    await symlink(path('circle.toml'), path('circle.toml'));
    execFileSync('mkfifo', [path('pipe.toml')]);
    const server = createServer().listen(path('socket.toml'));
    try {
      for (const [name, reason] of [
        ['folder.toml', 'is a folder, not a file'],
        ['dangling.toml', 'is a link that leads nowhere'],
        ['circle.toml', 'cannot be reached: links lead in a circle (ELOOP)'],
        ['pipe.toml', 'is no regular file'],
        ['socket.toml', 'is no regular file'],
        ['none.toml', 'does not exist'],
        ['a.toml/service.toml', 'does not exist; what should be its folder is a file: name the folder that it lies in'],
      ] as const) {
        assert.deepEqual(await readText(path(name)), { kind: 'unreadable', reason }, name);
      }
      assert.equal((await readText('/dev/zero')).kind, 'unreadable');
    } finally {
      server.close();
    }
  });
});
