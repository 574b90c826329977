import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'smol-toml';

/** Files of a configuration folder by their path in it. */
export type Files = Readonly<Record<string, string>>;

const folder = new URL('../examples/', import.meta.url).pathname;

export const exampleNames = ['everything', 'compose-words', 'routes', 'smallest'] as const;

export async function readExample(name: string): Promise<Files> {
  return await readFiles(join(folder, name));
}

/** All files below a folder. */
export async function readFiles(path: string): Promise<Files> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [relative(path, file), await readFile(file, 'utf8')] as const)));
}

/** The variables of a folder, as far as they are plain texts. */
export function variablesOf(files: Files): Readonly<Record<string, string>> {
  const values = Object.entries(files).filter(([path]) => path.endsWith('dispenser.vars'));
  return Object.fromEntries(values.flatMap(([, text]) => Object.entries(parse(text)).map(([name, value]) => [name, String(value)])));
}
