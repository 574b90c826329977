/** A folder, file or socket of the host that a container shall have. */
export interface HostSource {
  /** As it was declared. */
  readonly declared: string;
  /** On the host. */
  readonly path: string;
  readonly target: string;
  readonly readonly: boolean;
}

/**
 * Why a source that the host does not have stands in the way; null when the engine may make it. Engines make an empty folder, owned by root, of
 * whatever is not there. That is meant of a folder of the configuration folder which the container is to fill; of a file that was forgotten, of
 * what can only be read, and of a path somewhere else on the host it is not.
 */
export function missingSource({ declared, path, target, readonly }: HostSource): string | null {
  const isRelative = !declared.startsWith('/');
  const what = `the host has no ${path}${isRelative ? ` (declared as "${declared}")` : ''} for the volume at ${target}`;
  const make = `make the folder with "mkdir -p ${path}"`;
  if (looksLikeFile(path) || looksLikeFile(target)) {
    return `${what}, and by its name that is a file or a socket, of which the engine would make a folder; put it there, or ${make} if one is meant`;
  }
  if (!isRelative) return `${what}; correct the path, or ${make}`;
  if (readonly) return `${what}, which is only read, so that the container would find an empty folder for ever; put it there, or ${make}`;
  return null;
}

/** Files that have no extension wherever they are found. */
const bareFiles =
  /^(?:[a-z]*file|hosts|hostname|passwd|group|shadow|sudoers|crontab|fstab|localtime|id_[a-z0-9]+|authorized_keys|known_hosts|netrc|licen[cs]e|readme)$/i;
/** `.env`, `.env.local`, `.npmrc`, `.htpasswd`; not `.cache`, `.config` or `.data`. */
const dotFiles = /^\.(?:env(?:\..+)?|[a-z]+rc|ht[a-z]+|netrc|pgpass|git(?:config|ignore|credentials)|[a-z]*ignore|dockercfg)$/i;

/** `nginx.conf`, `docker.sock`, `Caddyfile`, `.env`; not `data`, `conf.d`, `.cache` or `v1.2`. */
function looksLikeFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (bareFiles.test(name) || dotFiles.test(name)) return true;
  const extension = /[^/]\.(?<extension>[a-z][a-z0-9]*)$/i.exec(path)?.groups?.extension;
  return extension !== undefined && extension.toLowerCase() !== 'd';
}
