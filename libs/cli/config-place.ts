import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { entryNames } from '@kedge/config';
import { TerminalError } from '@kedge/shared/kernel';

/**
 * The configuration folder that a path names: itself, or its main file, as Dispenser's `--config` does. What is not there stays as it is:
 * whoever reads it says so.
 * @throws {TerminalError} CONFIG_NAME_UNKNOWN for a file that cannot be a main file
 */
export async function folderNamedBy(path: string): Promise<string> {
  const names: readonly string[] = entryNames;
  if (names.includes(basename(path))) return dirname(resolve(path));
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) {
    throw new TerminalError(
      'CONFIG_NAME_UNKNOWN',
      `${path} cannot be a main file: Kedge reads ${names.join(' or ')} of a folder; rename it, or name the folder`,
    );
  }
  return resolve(path);
}
