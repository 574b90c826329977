import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { readAuthorities } from './authorities.ts';

const module = JSON.stringify(new URL('./authorities.ts', import.meta.url).href);

describe('the authorities that are trusted beside the public ones', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authorities-'));
  });
  after(async () => await rm(folder, { recursive: true }));

  /** As Node reads it: at the start of a process. */
  async function inProcess(file: string): Promise<unknown> {
    const script = `import { readAuthorities } from ${module}; console.log(JSON.stringify(readAuthorities(process.env)));`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: file };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env });
    return JSON.parse(stdout);
  }

  it('are none when no file is named', () => {
    for (const environment of [{}, { NODE_EXTRA_CA_CERTS: '' }]) assert.equal(readAuthorities(environment), null);
  });

  it('are those of the file', async () => {
    const file = join(folder, 'two.pem');
    await writeFile(file, rootCertificates.slice(0, 2).join('\n'));
    assert.deepEqual(await inProcess(file), { file, certificates: 2 });
  });

  it('are none where the file holds no certificate, or is a folder', async () => {
    const file = join(folder, 'note.txt');
    await writeFile(file, 'no certificate');
    for (const path of [file, folder]) assert.deepEqual(await inProcess(path), { file: path, certificates: 0 });
  });
});
