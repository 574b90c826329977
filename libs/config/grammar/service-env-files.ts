import { posix } from 'node:path';
import type { ConfigProblem, RenderReply, ServiceSpec } from '@kedge/shared/contracts';
import { isEnvFileName } from '../env-file-name.ts';
import type { EnvFileEntry } from './compose/env-files.ts';
import type { DeclaredService } from './declared-service.ts';
import { type NamedFolder, pathInside } from './service-path.ts';
import { problemAt, quoted, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';

/** An `env_file` of a service. */
export interface EnvFile {
  /** Relative to the configuration folder. */
  readonly path: string;
  readonly required: boolean;
  /** Where it is named. */
  readonly pointer: Pointer;
}

interface Surroundings {
  readonly file: TomlFile;
  readonly folder: string;
  readonly within: NamedFolder;
}

/** Where the files lie: relative ones count from the folder of the service. */
export function placeEnvFiles(
  entries: readonly (EnvFileEntry | null)[],
  { file, folder, within }: Surroundings,
): { readonly files: readonly EnvFile[]; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const files = entries.flatMap((entry, index) => {
    if (!entry) return [];
    const { path, required } = entry;
    const pointer = pointerOf(file, index);
    const place = pathInside(posix.isAbsolute(path) ? path : posix.join(folder, path), within);
    if (place === null || place === '') {
      const message = `lies outside of the configuration folder (${within.name}), where nobody reads it; put the file inside`;
      problems.push(problemAt(file, { pointer, message }));
      return [];
    }
    if (!isEnvFileName(place)) {
      const message = 'is no env file by its name: *.toml and *.dispenser.vars are read as something else; give it another one';
      problems.push(problemAt(file, { pointer, message }));
      return [];
    }
    return [{ path: place, required, pointer }];
  });
  return { files, problems };
}

/** What was read from the files of several services, by path. */
export interface EnvFileContents {
  /** Null for one that does not exist. */
  readonly variables: ReadonlyMap<string, NonNullable<RenderReply['envFiles']>[number]['variables']>;
  /** Why others, which are there, cannot be read. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** The service with the variables of its files below those of `[env]`; one that is missing or cannot be read is told where it is named. */
export function mergeEnvFiles(
  { file, spec, envFiles }: Pick<DeclaredService, 'file' | 'spec' | 'envFiles'>,
  { variables: contents, unreadable }: EnvFileContents,
): { readonly spec: ServiceSpec | null; readonly problems: readonly ConfigProblem[] } {
  if (envFiles.length === 0) return { spec, problems: [] };
  const problems = envFiles.flatMap(({ path, required, pointer }) => {
    const isMissing = required && contents.get(path) === null;
    const said = unreadable.get(path) ?? (isMissing ? missing : null);
    return said === null ? [] : [problemAt(file, { pointer, message: `${quoted(file, { pointer, value: path })} ${said}` })];
  });
  const variables = envFiles.flatMap(({ path }) => (contents.get(path) ?? []).map(({ name, secret }) => [name, secret] as const));
  if (!spec || variables.length === 0) return { spec, problems };
  return { spec: { ...spec, env: { ...Object.fromEntries(variables), ...spec.env } }, problems };
}

const missing = 'does not exist in the configuration folder; put it there, or write { path = "…", required = false }';

/** One text, a text of a list, or the table of a list. */
function pointerOf({ root }: TomlFile, index: number): Pointer {
  const service = root.service;
  const given: unknown = typeof service === 'object' && service !== null && 'env_file' in service ? service.env_file : undefined;
  if (!Array.isArray(given)) return ['service', 'env_file'];
  return typeof given[index] === 'object' ? ['service', 'env_file', index, 'path'] : ['service', 'env_file', index];
}
