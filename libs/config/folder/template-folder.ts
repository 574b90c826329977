import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TerminalError } from '@kedge/shared/kernel';
import { isEnvFileName, primaryFile } from '../env-file-name.ts';
import type { TemplateFolder, TextFile } from '../ports.ts';
import { largestBytes } from './largest-bytes.ts';
import { marksOf } from './marks.ts';
import { encodingFault, systemCode } from './read-text.ts';
import { createRememberedNames } from './remembered-names.ts';
import { systemReason } from './system-reason.ts';

/** Reads the user's configuration folder. */
export function createTemplateFolder(folder: string): TemplateFolder {
  const readNames = createRememberedNames({ marksOf, readdir, now: Date.now, isWanted: (name) => name.endsWith(`.${primaryFile}`) });

  async function readOne(path: string): Promise<TextFile | null> {
    try {
      const found = await stat(join(folder, path));
      // A pipe would be waited for without an end.
      if (!found.isFile()) return found.isDirectory() ? null : { path, text: null, trouble: 'it is no file' };
      const most = largestBytes.variables;
      if (found.size > most) return { path, text: null, trouble: `it is larger than ${most / 1024} KiB` };
      const bytes = await readFile(join(folder, path));
      const fault = encodingFault(bytes);
      // Whoever tells a place in the file counts the byte order mark, too.
      return fault ? { path, text: null, trouble: encodingTrouble(fault) } : { path, text: bytes.toString('utf8') };
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
      return { path, text: null, trouble: systemReason(code) };
    }
  }

  /** A link that leads nowhere is told, for somebody put it there; not one of a hidden name, with which editors lock what they change. */
  async function readVariables(path: string): Promise<TextFile | null> {
    const file = await readOne(path);
    if (file !== null || path.startsWith('.') || !(await leadsNowhere(path))) return file;
    return { path, text: null, trouble: 'it is a link that leads nowhere', isPassedOver: true };
  }

  /** Of a path at which no file was found. */
  async function leadsNowhere(path: string): Promise<boolean> {
    const isLink = await lstat(join(folder, path)).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
    return isLink && !(await isFolder(path));
  }

  async function isFolder(path: string): Promise<boolean> {
    return await stat(join(folder, path)).then(
      (found) => found.isDirectory(),
      () => false,
    );
  }

  return {
    async readVariableFiles() {
      const secondary = await readNames(folder).catch(() => []);
      const files = await Promise.all([primaryFile, ...secondary.toSorted()].map(readVariables));
      // Whoever mounts a file that is not there gets a folder of its name.
      if (files[0] === null && (await isFolder(primaryFile))) files[0] = { path: primaryFile, text: null, trouble: 'it is a folder' };
      return files.filter((file) => file !== null);
    },

    async read(path) {
      const inside = insideOf(path);
      if (inside === null || !inside.endsWith('.toml')) {
        throw new TerminalError('SECRET_REF_INVALID', `"${path}" is not a TOML file of the configuration folder`, { details: { path } });
      }
      return await readOne(inside);
    },

    async readEnvFile(path) {
      const inside = insideOf(path);
      if (inside === null || !isEnvFileName(inside)) {
        throw new TerminalError('SECRET_REF_INVALID', `"${path}" is not an env file of the configuration folder`, { details: { path } });
      }
      const file = await readOne(inside);
      return file ?? ((await isFolder(inside)) ? { path: inside, text: null, trouble: 'it is a folder' } : null);
    },
  };

  /** The path from the folder on; null for one that leaves it. */
  function insideOf(path: string): string | null {
    const inside = relative(folder, resolve(folder, path));
    const leaves = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
    return leaves || inside.includes('\0') ? null : inside;
  }
}

function encodingTrouble({ isUtf16, at }: NonNullable<ReturnType<typeof encodingFault>>): string {
  return isUtf16
    ? 'it is UTF-16 text; save it as UTF-8'
    : `it is not UTF-8 text from line ${at.line}, column ${at.column} on; save it as UTF-8`;
}
