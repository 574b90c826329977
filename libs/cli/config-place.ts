import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

/** A configuration that lies somewhere. */
export interface ConfigPlace {
  /** Absolute path. */
  readonly folder: string;
  /** The main file, where somebody chose it. */
  readonly file?: string | undefined;
}

/**
 * The configuration that a path names: a folder, or a main file of any name, as Dispenser's `--config` does. What is not there is taken for
 * what it looks like, and whoever reads it says that it is missing.
 */
export async function placeNamedBy(path: string): Promise<ConfigPlace> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => null);
  const isFile = found ? !found.isDirectory() : absolute.endsWith('.toml');
  return isFile ? { folder: dirname(absolute), file: basename(absolute) } : { folder: absolute };
}

/** As people write it. */
export function pathOf({ folder, file }: ConfigPlace): string {
  return file === undefined ? folder : resolve(folder, file);
}
