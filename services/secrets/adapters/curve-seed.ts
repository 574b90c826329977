import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '@kedge/shared/kernel';

/**
 * Reads `curve.seed` of a keys folder: the private half of the key that questions are sealed to.
 * @throws {TerminalError} SECRETS_KEY_MISSING when it cannot be read
 */
export async function loadCurveSeed(keysFolder: string): Promise<Uint8Array> {
  const path = join(keysFolder, 'curve.seed');
  try {
    return new TextEncoder().encode((await readFile(path, 'utf8')).trim());
  } catch (cause) {
    throw new TerminalError(
      'SECRETS_KEY_MISSING',
      `the key ${path} cannot be read; the one-shot "init" writes it at every start of the stack`,
      {
        cause,
        details: { path },
      },
    );
  }
}
