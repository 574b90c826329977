import { posix } from 'node:path';

/** A path that begins with `./` counts from the configuration folder; one without `/` is the name of a volume. */
export type VolumeSource = { readonly ok: true; readonly source: string } | { readonly ok: false; readonly message: string };

/** A volume is a folder of the engine, which is called like it. */
const longestName = 255;

/**
 * Where a volume lies. With a `/` it is a path: absolute ones stay, relative ones count from the service's folder and are told from the
 * configuration folder on, because only the reconciler knows where that lies on the host. Without a `/` it is the name of a volume.
 */
export function volumeSource(source: string, serviceFolder: string): VolumeSource {
  if (!source.includes('/')) {
    if (source.length > longestName)
      return { ok: false, message: `is too long for the name of a volume: the engine takes up to ${longestName} letters` };
    if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source)) return { ok: true, source };
    if (/^[a-zA-Z0-9]$/.test(source))
      return { ok: false, message: 'is too short for the name of a volume: the engine wants two letters or digits at least' };
    return {
      ok: false,
      message: 'is neither the name of a volume (letters, digits, "_", "." and "-") nor a path (with a "/", such as "./data")',
    };
  }
  if (source.includes(':')) return { ok: false, message: 'must not contain ":"; the engine could not tell where the path ends' };
  if (posix.isAbsolute(source)) return { ok: true, source };
  const joined = posix.join(serviceFolder, source).replace(/\/$/, '');
  if (joined === '..' || joined.startsWith('../')) {
    return { ok: false, message: 'lies outside of the configuration folder; write an absolute path if that is meant' };
  }
  return { ok: true, source: `./${joined === '.' ? '' : joined}` };
}
