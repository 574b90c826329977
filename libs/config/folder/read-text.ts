import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileReading } from './folder-reading.ts';
import { largestBytes } from './largest-bytes.ts';

type Unreadable = Extract<FileReading, { kind: 'unreadable' }>;

/** Reads a text of the user. Whatever lies there instead, it neither hangs nor rejects; too much is refused before it is read. */
export async function readText(path: string, mostBytes: number = largestBytes.configuration): Promise<FileReading> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK a named pipe would wait for somebody to write.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return unreadable(await reasonOf(path, systemCode(thrown)));
  }
  try {
    const info = await file.stat();
    if (info.isDirectory()) return unreadable('is a folder, not a file');
    if (!info.isFile()) return unreadable('is no regular file');
    if (info.size > mostBytes) return tooLarge(info.size, mostBytes);
    // It may grow meanwhile: then its mark changes, and it is read again.
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(info.size), position: 0 });
    return decoded(buffer.subarray(0, bytesRead));
  } catch (thrown) {
    return unreadable(`cannot be read (${systemCode(thrown)})`);
  } finally {
    await file.close();
  }
}

function decoded(bytes: Buffer): FileReading {
  const fault = encodingFault(bytes);
  if (!fault) return { kind: 'text', text: bytes.toString('utf8') };
  const reason = fault.isUtf16
    ? 'is UTF-16 text; TOML is UTF-8: save it as that'
    : 'is not UTF-8 text from here on; save the file as UTF-8';
  return { kind: 'unreadable', reason, at: fault.at };
}

/** From where on bytes are no UTF-8, with line and column from 1; null when they are. */
export function encodingFault(bytes: Buffer): { readonly isUtf16: boolean; readonly at: NonNullable<Unreadable['at']> } | null {
  if (isUtf8(bytes)) return null;
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return { isUtf16, at: placeOf(bytes, firstBadByte(bytes)) };
}

function firstBadByte(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}

function placeOf(bytes: Buffer, offset: number): { readonly line: number; readonly column: number } {
  // Editors do not count the byte order mark.
  const lines = bytes
    .subarray(0, offset)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

async function reasonOf(path: string, code: string): Promise<string> {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const isLink = await lstat(path).then(
        (info) => info.isSymbolicLink(),
        () => false,
      );
      return isLink ? 'is a link that leads nowhere' : `does not exist${await missingFolder(path)}`;
    }
    case 'ELOOP':
      return 'cannot be reached: links lead in a circle (ELOOP)';
    case 'EACCES':
    case 'EPERM':
      return `must not be read by Kedge (${code}); check owner and mode of it and of its folders`;
    case 'ENXIO':
      return 'is no regular file';
    default:
      return `cannot be read (${code})`;
  }
}

/** What else is missing, when it is more than the file. */
async function missingFolder(path: string): Promise<string> {
  const above = await stat(dirname(path)).catch(() => null);
  if (above?.isDirectory()) return '';
  return above ? '; what should be its folder is a file: name the folder that it lies in' : ', and neither does its folder';
}

function tooLarge(bytes: number, most: number): FileReading {
  return unreadable(`is larger than ${most / 1024} KiB: it has ${Math.ceil(bytes / 1024)} KiB`);
}

function unreadable(reason: string): FileReading {
  return { kind: 'unreadable', reason };
}

/** The name that the system gives its error, such as ENOENT. */
export function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
}
