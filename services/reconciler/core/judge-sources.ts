import { posix } from 'node:path';

/** A folder, file or socket of the host that a container shall have. */
export interface HostSource {
  /** As it was declared. */
  readonly declared: string;
  /** On the host. */
  readonly path: string;
  readonly target: string;
}

/** The folder that would have to hold it. */
export function parentOf({ path }: HostSource): string {
  return posix.dirname(path);
}

/**
 * Why a source that the host does not have stands in the way; null when the engine may make it. Engines make a folder of whatever is not there:
 * of a folder that is to be filled, which is meant, and of a file that was forgotten or of a mistyped path, which never is.
 */
export function missingSource(source: HostSource, { parentIsThere }: { readonly parentIsThere: boolean }): string | null {
  const { declared, path, target } = source;
  const what = `the host has no ${path}${declared === path ? '' : ` (declared as "${declared}")`} for the volume at ${target}`;
  if (looksLikeFile(path) || looksLikeFile(target)) {
    return `${what}, and by its name that is a file or a socket, of which the engine would make a folder; put it there, or make the folder with "mkdir -p ${path}" if one is meant`;
  }
  // Inside of the configuration folder a path cannot be mistyped into nowhere.
  if (declared !== path || parentIsThere) return null;
  return `${what}, nor the folder that it would lie in; correct the path, or make it with "mkdir -p ${path}"`;
}

/** `nginx.conf`, `docker.sock`; not `data`, `conf.d`, `.cache` or `v1.2`. */
function looksLikeFile(path: string): boolean {
  const extension = /[^/]\.(?<extension>[a-z][a-z0-9]*)$/i.exec(path)?.groups?.extension;
  return extension !== undefined && extension.toLowerCase() !== 'd';
}
