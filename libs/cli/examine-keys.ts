import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Found } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';

/** Everybody but the owner. */
const others = 0o077;

/** Looks at who may read the keys in a folder: whoever has one may do what its identity may. */
export async function examineKeys(folder: string): Promise<readonly Found[]> {
  const what = 'keys';
  try {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.nk')).map((name) => join(folder, name));
    const modes = await Promise.all(files.map(async (file) => [file, (await stat(file)).mode] as const));
    const open = modes.filter(([, mode]) => (mode & others) !== 0).map(([file]) => file);
    if (open.length === 0) return [{ what, state: 'fine', message: `nobody but their owner can read those in ${folder}` }];
    return [{ what, state: 'warning', message: `others can read ${open.join(' ')}`, advice: `chmod 600 ${open.join(' ')}` }];
  } catch (thrown) {
    const advice = 'run kedge as the owner of that folder, or set KEDGE_KEYS';
    return [{ what, state: 'warning', message: `those in ${folder} cannot be looked at: ${errorMessage(thrown)}`, advice }];
  }
}
