import type { FolderReading, ServiceFiles } from './folder/folder-reading.ts';
import type { Unreadable } from './grammar/build-configuration.ts';
import type { EntryName } from './grammar/configuration.ts';
import type { ListedService, MainConfiguration } from './grammar/main-configuration.ts';
import type { ServiceReading } from './grammar/read-service.ts';
import { serviceFile } from './grammar/service-path.ts';
import type { Standing } from './grammar/standing-configuration.ts';

/** What the last pass found, so that the next one reads only what changed since. Specs hold references: no secret is in it. */
export interface Known {
  readonly entry: EntryName;
  readonly text: string;
  /** Fingerprint of the variables that everything here was rendered with. */
  readonly variables: string;
  readonly main: MainConfiguration;
  /** By folder. */
  readonly services: Map<string, KnownService>;
  /** Where all that is known came to a valid configuration; null when it did not, or may not any more. */
  ground: Ground | null;
}

/** A valid configuration, and the files that say it. */
export interface Ground {
  readonly files: ServiceFiles;
  readonly standing: Standing;
  /** Those of all services, each once, sorted. */
  readonly envFiles: readonly string[];
}

/** What one file says, and the text that says it. */
export interface KnownService extends ServiceReading {
  readonly text: string;
  /** What messages about it call its file. */
  readonly shownAs: string;
  /** What could not be rendered is asked for again. */
  readonly isRendered: boolean;
}

/** The text of a service's file, as the user wrote it. */
export interface ServiceText {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
  /** What messages call the file. */
  readonly shownAs: string;
}

/** A look at a folder that has a main file. */
export type Readable = Extract<FolderReading, { kind: 'read' }>;

/** What a look found beside what is known. */
export interface Survey {
  /** Texts that nothing is known of. */
  readonly changed: readonly ServiceText[];
  /** By folder. */
  readonly unreadable: ReadonlyMap<string, Unreadable>;
  /** The look was at exactly the folders that the main file names. */
  readonly isWhole: boolean;
}

/** Goes through all services once, or through those only that changed since a valid configuration: there may be thousands. */
export function survey(
  { main: { folders }, services, ground }: Known,
  { services: files, news }: Pick<Readable, 'services' | 'news'>,
): Survey {
  const suspects = ground?.files === files ? [] : ground && news?.since === ground.files ? news.folders : null;
  const changed: ServiceText[] = [];
  const unreadable = new Map<string, Unreadable>();
  let found = 0;

  function compare({ folder, shownAs }: Pick<ListedService, 'folder' | 'shownAs'>): void {
    const file = files[folder];
    if (!file) return;
    found += 1;
    if (file.kind === 'unreadable') {
      unreadable.set(folder, file);
      return;
    }
    const before = services.get(folder);
    if (!(before?.isRendered && before.text === file.text)) changed.push({ folder, path: serviceFile(folder), text: file.text, shownAs });
  }

  if (suspects) {
    for (const folder of suspects) compare({ folder, shownAs: services.get(folder)?.shownAs ?? serviceFile(folder) });
    return { changed, unreadable, isWhole: true };
  }
  for (const listed of folders) compare(listed);
  return { changed, unreadable, isWhole: found === folders.length && found === Object.keys(files).length };
}

/** What the file of a service says does not depend on the main file: with the same variables it is known although that one changed. */
export function stillKnown(before: Known | null, { main, variables }: Pick<Known, 'main' | 'variables'>): Known['services'] {
  const services: Known['services'] = new Map();
  if (before?.variables !== variables) return services;
  for (const { folder, shownAs } of main.folders) {
    const service = before.services.get(folder);
    if (service?.shownAs === shownAs) services.set(folder, service);
  }
  return services;
}

interface Findings extends Pick<Survey, 'unreadable'> {
  /** By folder. */
  readonly changed: ReadonlyMap<string, KnownService>;
}

interface Remembered {
  /** Of whoever comes to a valid configuration; everybody else leaves none. */
  readonly ground: Ground | null;
  readonly envFiles: Ground['envFiles'];
}

/** Takes services in the place of what was known of them; of files that cannot be read nothing is known any more. */
export function remember(now: Known, { changed, unreadable }: Findings): Remembered {
  const ground = unreadable.size === 0 ? now.ground : null;
  now.ground = null;
  for (const folder of unreadable.keys()) now.services.delete(folder);
  let isFed = false;
  for (const [folder, known] of changed) {
    isFed ||= [now.services.get(folder), known].some((each) => each?.service && each.service.envFiles.length > 0);
    now.services.set(folder, known);
  }
  return { ground, envFiles: ground && !isFed ? ground.envFiles : envFilesOf(now) };
}

function envFilesOf({ services }: Known): readonly string[] {
  const paths = new Set<string>();
  for (const { service } of services.values()) for (const { path } of service?.envFiles ?? []) paths.add(path);
  return [...paths].toSorted();
}
