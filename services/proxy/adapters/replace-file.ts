import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** No write takes this long: what is older was left by a process that died. */
const abandonedAfterMs = 10 * 60_000;

/**
 * Replaces the file by one that holds `text`: readers find the old text or the new one, never half of one, however many processes write
 * at once; the last one to finish wins. When it rejects, the file is what it was.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  // Processes in several containers share the folder, and there they may share their ids as well.
  const temporary = `${file}.${process.pid}-${randomUUID()}.new`;
  try {
    await write(temporary, text);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** Removes what writers of the file that died in between left beside it. */
export async function removeAbandoned(file: string, now: number = Date.now()): Promise<void> {
  const folder = dirname(file);
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.new'));
  for (const name of left) {
    const path = join(folder, name);
    const found = await stat(path).catch(absent);
    if (found && now - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Its writer was faster: it is in its place by now. */
function absent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT') return null;
  throw thrown;
}
