import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findDispenser } from './find-dispenser.ts';

describe('findDispenser', () => {
  let folder = '';
  const find = async () => await findDispenser({ folder, processes: join(folder, 'proc') });
  const runs = async (pid: number, name: string) => {
    await mkdir(join(folder, 'proc', String(pid)), { recursive: true });
    await writeFile(join(folder, 'proc', String(pid), 'comm'), `${name}\n`);
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-dispenser-'));
    await runs(12, 'dispenser');
    await runs(13, 'sshd');
  });
  after(async () => await rm(folder, { recursive: true }));

  it('finds none where there is no file', async () => assert.equal(await find(), null));

  const table: readonly (readonly [text: string, pid: number | null])[] = [
    ['12', 12],
    ['12\n', 12],
    ['13', null],
    ['14', null],
    ['', null],
    ['../12', null],
  ];
  for (const [text, pid] of table) {
    it(`finds ${pid ?? 'none'} by the file ${JSON.stringify(text)}`, async () => {
      await writeFile(join(folder, 'dispenser.pid'), text);
      assert.equal(await find(), pid);
    });
  }
});
