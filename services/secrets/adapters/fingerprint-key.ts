import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FingerprintKey, fingerprintKey } from '@kedge/config/template';
import { TerminalError } from '@kedge/shared/kernel';

const keyLength = 32;

/**
 * Reads `fingerprint.key` of a folder, making it when there is none. Of two that make it at once one wins, and both use that one.
 * @throws {TerminalError} FINGERPRINT_KEY_INVALID when the file holds something else
 */
export async function loadFingerprintKey(folder: string): Promise<FingerprintKey> {
  const path = join(folder, 'fingerprint.key');
  const bytes = (await readIfThere(path)) ?? (await make(folder, path));
  if (bytes.length === keyLength) return fingerprintKey(bytes);
  throw new TerminalError(
    'FINGERPRINT_KEY_INVALID',
    `${path} does not hold ${keyLength} bytes; remove it and a new one is made, which rolls nothing out`,
    {
      details: { path },
    },
  );
}

/** Written whole under another name first, then linked: nobody ever reads half a key, and nobody overwrites one. */
async function make(folder: string, path: string): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    await write(draft, randomBytes(keyLength));
    await link(draft, path).catch(ignore('EEXIST'));
  } finally {
    await rm(draft, { force: true });
  }
  return await readFile(path);
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  return await readFile(path).catch((thrown: unknown) => {
    ignore('ENOENT')(thrown);
    return null;
  });
}

function ignore(code: string): (thrown: unknown) => void {
  return (thrown) => {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === code)) throw thrown;
  };
}
