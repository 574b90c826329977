import { posix } from 'node:path';
import { nearest } from '@kedge/shared/kernel';
import type { MainConfiguration } from './main-configuration.ts';
import { type NamedFolder, pathInside, serviceFile } from './service-path.ts';
import { problemAt } from './template-file.ts';

/** Which services of a main file are wanted, where not all are. */
export interface WantedServices {
  /** The main file with these services only; a filter that fits none is a problem of it. */
  readonly main: MainConfiguration;
  /** Folders that have to be looked at to know; all of them when a filter may be a name. */
  readonly lookAt: readonly string[];
}

interface WantedFrom {
  readonly main: MainConfiguration;
  readonly only: readonly string[];
  readonly within: NamedFolder;
  /** The text of a service's file, as far as it was looked at. */
  readonly textOf: (folder: string) => string | undefined;
}

/**
 * A filter is the path of a service, the end of it, or its name, and wants whatever it fits, also one by path and another by name; with a
 * slash in it, as in `./api`, it is a path. Names are looked for in texts as they stand: what is not wanted is not rendered, and its missing
 * variables do not matter.
 */
export function wantedServices({ main, only, within, textOf }: WantedFrom): WantedServices {
  const names = new Map(main.folders.map(({ folder }) => [folder, nameInText(textOf(folder) ?? '')]));
  // No name has a slash in it.
  const filters = only.map((filter) => ({ filter, path: plainPath(filter, within), mayBeName: !filter.includes('/') }));
  const fits = ({ filter, path }: (typeof filters)[number], folder: string) =>
    folder === path || folder.endsWith(`/${path}`) || names.get(folder) === filter;
  const folders = main.folders.filter(({ folder }) => filters.some((each) => fits(each, folder)));
  const everybody = main.folders.map(({ folder }) => folder);
  const openly = main.folders.filter(({ folder, shownAs }) => shownAs === serviceFile(folder)).map(({ folder }) => folder);
  const shown = [...openly, ...everybody.flatMap((folder) => names.get(folder) ?? [])];
  const isLookedAt = everybody.every((folder) => textOf(folder) !== undefined);
  // A main file that is broken may name more than can be told.
  const told = main.tells.allServices ? filters.filter(({ mayBeName }) => isLookedAt || !mayBeName) : [];
  const unknown = told.filter((each) => !everybody.some((folder) => fits(each, folder)));
  const problems = unknown.map(({ path }) =>
    problemAt(main.file, {
      pointer: ['service'],
      message: `no service has the path or the name ${JSON.stringify(path)}`,
      nearest: nearest(path, shown),
    }),
  );
  return {
    main: { ...main, folders, problems: [...main.problems, ...problems] },
    lookAt: filters.some(({ mayBeName }) => mayBeName) ? everybody : folders.map(({ folder }) => folder),
  };
}

/** As `[[service]]` paths are compared: in the shortest form, and an absolute one from the configuration folder on. */
function plainPath(filter: string, within: NamedFolder): string {
  const inside = posix.isAbsolute(filter) ? pathInside(filter, within) : null;
  return inside === null ? posix.normalize(filter).replace(/(.)\/$/, '$1') : inside || '.';
}

/** The name as it stands in a file that was not rendered: its variables may be missing. */
export function nameInText(text: string): string | null {
  const table = text.split(/^[ \t]*\[/m).find((each) => /^[ \t]*service[ \t]*\]/.test(each)) ?? '';
  return /^[ \t]*name[ \t]*=[ \t]*(["'])(.*?)\1/m.exec(table)?.[2] ?? null;
}
