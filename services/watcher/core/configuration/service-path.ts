import { posix } from 'node:path';

export type ServicePath = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly message: string };

/** The folder of a `[[service]]`, relative to the configuration folder and in its shortest form. */
export function servicePath(path: string, configurationFolder: string): ServicePath {
  const folder = posix.relative(configurationFolder, posix.resolve(configurationFolder, path));
  if (folder === '..' || folder.startsWith('../')) {
    return {
      ok: false,
      message: `lies outside of the configuration folder (${configurationFolder}); a service must be declared inside of it`,
    };
  }
  return { ok: true, folder: folder === '' ? '.' : folder };
}

/** The file that declares the service of a folder. */
export function serviceFile(folder: string): string {
  return posix.join(folder, 'service.toml');
}
