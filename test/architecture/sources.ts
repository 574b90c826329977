import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One import line of a source file. */
export interface Import {
  readonly file: string;
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** The imported file relative to the repository, for relative imports; else null. */
  readonly target: string | null;
}

/** Folders of what is made, fetched or kept, and no source. */
const noSources = new Set(['node_modules', 'dist', 'coverage', '.git', '.kedge']);

/** Files of the repository, relative to it, in alphabetical order. The tree itself is asked, so that a copy without Git's folder will do. */
export async function listFiles(pattern: RegExp): Promise<readonly string[]> {
  const files = await filesBelow('');
  return files.filter((path) => pattern.test(path)).toSorted();
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return noSources.has(entry.name) ? [] : await filesBelow(path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return nested.flat();
}

/** Every import and re-export of every TypeScript file. */
export async function listImports(): Promise<readonly Import[]> {
  const files = await listFiles(/\.ts$/);
  const all = await Promise.all(files.map(async (file) => importsOf(file, await readFile(join(root, file), 'utf8'))));
  return all.flat();
}

/** The imports in one file's text. */
export function importsOf(file: string, text: string): readonly Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const line = text.slice(0, match.index + match[0].length).split('\n').length;
    const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : null;
    found.push({ file, line, specifier, target });
  }
  return found;
}
