import { posix } from 'node:path';

/** The message does not repeat the path: a variable may have made it. */
export type ServicePath = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly message: string };

/** The configuration folder: its absolute path, and what its user calls it. */
export interface NamedFolder {
  readonly path: string;
  readonly name: string;
}

/**
 * The folder of a `[[service]]`, relative to the configuration folder and in its shortest form. An absolute path counts from where the
 * folder lies for its user, or for us.
 */
export function servicePath(path: string, within: NamedFolder): ServicePath {
  const folder = pathInside(path, within);
  if (folder === null) {
    return {
      ok: false,
      message: `lies outside of the configuration folder (${within.name}); a service must be declared inside of it`,
    };
  }
  return { ok: true, folder: folder === '' ? '.' : folder };
}

/** A path relative to the configuration folder, in its shortest form; null when it lies outside. */
export function pathInside(path: string, { path: ours, name }: NamedFolder): string | null {
  const roots = posix.isAbsolute(path) && posix.isAbsolute(name) ? [name, ours] : [ours];
  const places = roots.map((root) => posix.relative(root, posix.resolve(root, path)));
  return places.find((place) => place !== '..' && !place.startsWith('../')) ?? null;
}

/** The file that declares the service of a folder. */
export function serviceFile(folder: string): string {
  return posix.join(folder, 'service.toml');
}
