import { posix } from 'node:path';
import { nearest } from '@kedge/shared/kernel';
import type { MainConfiguration } from './main-configuration.ts';
import { type NamedFolder, pathInside, serviceFile } from './service-path.ts';
import { problemAt } from './template-file.ts';

/** Which services of a main file are wanted, where not all are. */
export interface WantedServices {
  /** The main file with these services only; a filter that fits none is a problem of it. */
  readonly main: MainConfiguration;
  /** Folders that have to be looked at to know; more than the wanted ones when a filter may be a name. */
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
 * A filter is the path of a service, the end of it, or its name. Files are searched for names only for filters that are no path: what is
 * not wanted is not read, and its missing variables do not matter.
 */
export function wantedServices({ main, only, within, textOf }: WantedFrom): WantedServices {
  const filters = only.map((filter) => plainPath(filter, within));
  const isPath = (filter: string, folder: string) => folder === filter || folder.endsWith(`/${filter}`);
  const names = filters.filter((filter) => !main.folders.some(({ folder }) => isPath(filter, folder)));
  const nameOf = (folder: string) => (names.length === 0 ? null : nameInText(textOf(folder) ?? ''));
  const folders = main.folders.filter(
    ({ folder }) => filters.some((filter) => isPath(filter, folder)) || names.includes(nameOf(folder) ?? ''),
  );
  const everybody = main.folders.map(({ folder }) => folder);
  const known = everybody.flatMap((folder) => [folder, nameOf(folder) ?? []].flat());
  const openly = main.folders.filter(({ folder, shownAs }) => shownAs === serviceFile(folder)).map(({ folder }) => folder);
  const shown = [...openly, ...everybody.flatMap((folder) => nameOf(folder) ?? [])];
  const isLookedAt = everybody.every((folder) => textOf(folder) !== undefined);
  // A main file that is broken may name more than can be told.
  const unknown = isLookedAt && main.tells.allServices ? names.filter((name) => !known.includes(name)) : [];
  const problems = unknown.map((name) =>
    problemAt(main.file, {
      pointer: ['service'],
      message: `no service has the path or the name ${JSON.stringify(name)}`,
      nearest: nearest(name, shown),
    }),
  );
  return {
    main: { ...main, folders, problems: [...main.problems, ...problems] },
    lookAt: names.length === 0 ? folders.map(({ folder }) => folder) : everybody,
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
