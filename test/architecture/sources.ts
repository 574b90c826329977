import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

/** Files that Git tracks or would track, relative to the repository. */
export async function listFiles(pattern: RegExp): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').filter((path) => pattern.test(path));
}

/** Every import and re-export of every TypeScript file. */
export async function listImports(): Promise<readonly Import[]> {
  const files = await listFiles(/\.ts$/);
  const all = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(root, file), 'utf8').catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'ENOENT') return '';
        throw thrown;
      });
      return importsOf(file, text);
    }),
  );
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
