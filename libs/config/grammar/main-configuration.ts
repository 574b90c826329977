import type { ConfigProblem } from '@kedge/shared/contracts';
import { checkTable } from './check-table.ts';
import { withoutValues } from './declared-service.ts';
import { MainFile } from './main-file.ts';
import { sealTainted } from './seal-tainted.ts';
import { type NamedFolder, servicePath } from './service-path.ts';
import { problemAt, quoted, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';

export interface MainConfiguration {
  readonly file: TomlFile;
  /** Null when something is wrong with it. */
  readonly main: MainFile | null;
  /** Folders of services, as far as they can be told although something else is wrong. */
  readonly folders: readonly { readonly folder: string; readonly index: number }[];
  readonly problems: readonly ConfigProblem[];
}

/** Reads the main file. */
export function readMain(file: TomlFile, within: NamedFolder): MainConfiguration {
  const sealed = sealTainted(file);
  const checked = checkTable(MainFile, file, sealed.root);
  const problems = [...sealed.problems, ...checked.problems];
  const folders: { readonly folder: string; readonly index: number }[] = [];
  for (const { path, index } of pathsOf(file)) {
    const pointer = ['service', index, 'path'];
    const place = servicePath(path, within);
    const first = place.ok ? folders.find(({ folder }) => folder === place.folder) : undefined;
    if (!place.ok) problems.push(problemAt(file, pointer, { message: place.message }));
    else if (first) problems.push(listedTwice(file, pointer, { folder: place.folder, first: first.index }));
    else folders.push({ folder: place.folder, index });
  }
  problems.push(...repeatedNetworks(checked.value, file));
  return { file: withoutValues(file), main: problems.length > 0 ? null : checked.value, folders, problems };
}

function listedTwice(
  file: TomlFile,
  pointer: Pointer,
  { folder, first }: { readonly folder: string; readonly first: number },
): ConfigProblem {
  const earlier = problemAt(file, ['service', first, 'path'], { message: '' });
  const problem = problemAt(file, pointer, { message: '' });
  const places = `at line ${earlier.line} and ${problem.line}`;
  return { ...problem, message: `${problem.message}${quoted(file, pointer, folder)} is listed twice, ${places}; keep one of the two` };
}

/** Also from a file that has other faults, so that those of the services are told together with its own. */
function pathsOf({ root }: TomlFile): { readonly path: string; readonly index: number }[] {
  const services: readonly unknown[] = Array.isArray(root.service) ? root.service : [];
  return services.flatMap((service, index) => {
    const path = typeof service === 'object' && service !== null && 'path' in service ? service.path : undefined;
    return typeof path === 'string' && path !== '' ? [{ path, index }] : [];
  });
}

function repeatedNetworks(main: MainFile | null, file: TomlFile): ConfigProblem[] {
  const names = (main?.network ?? []).map(({ name }) => name);
  return names.flatMap((name, index) => {
    const pointer = ['network', index, 'name'];
    return names.indexOf(name) < index
      ? [problemAt(file, pointer, { message: `the network ${quoted(file, pointer, name)} is declared twice` })]
      : [];
  });
}
