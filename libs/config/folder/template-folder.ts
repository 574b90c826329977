import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TerminalError } from '@kedge/shared/kernel';
import type { TemplateFolder, TextFile } from '../ports.ts';
import { primaryFile } from '../template/variables.ts';

/** Reads the user's configuration folder. */
export function createTemplateFolder(folder: string): TemplateFolder {
  async function readOne(path: string): Promise<TextFile | null> {
    try {
      const bytes = await readFile(join(folder, path));
      return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
      return { path, text: null, trouble: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code };
    }
  }

  return {
    async readVariableFiles() {
      const names = await readdir(folder).catch(() => []);
      const secondary = names.filter((name) => name.endsWith(`.${primaryFile}`)).toSorted();
      const files = await Promise.all([primaryFile, ...secondary].map(readOne));
      return files.filter((file) => file !== null);
    },

    async read(path) {
      const inside = relative(folder, resolve(folder, path));
      const leaves = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
      if (leaves || !inside.endsWith('.toml') || inside.includes('\0')) {
        throw new TerminalError('SECRET_REF_INVALID', `"${path}" is not a TOML file of the configuration folder`, { details: { path } });
      }
      return await readOne(inside);
    },
  };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown reason';
}
