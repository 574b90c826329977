import { posix } from 'node:path';

export type ServicePath = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly message: string };

/** The configuration folder: its absolute path, and what its user calls it. */
export interface NamedFolder {
  readonly path: string;
  readonly name: string;
}

/** The folder of a `[[service]]`, relative to the configuration folder and in its shortest form. */
export function servicePath(path: string, within: NamedFolder): ServicePath {
  const folder = posix.relative(within.path, posix.resolve(within.path, path));
  if (folder === '..' || folder.startsWith('../')) {
    return {
      ok: false,
      message: `lies outside of the configuration folder (${within.name}); a service must be declared inside of it`,
    };
  }
  return { ok: true, folder: folder === '' ? '.' : folder };
}

/** The file that declares the service of a folder. */
export function serviceFile(folder: string): string {
  return posix.join(folder, 'service.toml');
}
