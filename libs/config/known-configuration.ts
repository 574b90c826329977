import type { FolderReading } from './folder/folder-reading.ts';
import { sameToOthers, type Unreadable } from './grammar/build-configuration.ts';
import type { EntryName } from './grammar/configuration.ts';
import type { MainConfiguration } from './grammar/main-configuration.ts';
import type { ServiceReading } from './grammar/read-service.ts';
import { serviceFile } from './grammar/service-path.ts';

/** What the last pass found, so that the next one reads only what changed since. Specs hold references: no secret is in it. */
export interface Known {
  readonly entry: EntryName;
  readonly text: string;
  /** Fingerprint of the variables that everything here was rendered with. */
  readonly variables: string;
  readonly main: MainConfiguration;
  /** By folder. */
  readonly services: Map<string, KnownService>;
  /** All of them together were judged, and nothing was wrong. */
  getAlong: boolean;
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

/** Goes through all services once: there may be thousands, of which one changed. */
export function survey({ main: { folders }, services }: Known, files: Readable['services']): Survey {
  const changed: ServiceText[] = [];
  const unreadable = new Map<string, Unreadable>();
  let found = 0;
  for (const { folder, shownAs } of folders) {
    const file = files[folder];
    if (!file) continue;
    found += 1;
    if (file.kind === 'unreadable') {
      unreadable.set(folder, file);
      continue;
    }
    const before = services.get(folder);
    if (!(before?.isRendered && before.text === file.text)) changed.push({ folder, path: serviceFile(folder), text: file.text, shownAs });
  }
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

/** Takes a service in the place of what was known of it; whether all of them get along is judged again if others would notice. */
export function remember(now: Known, { folder, service }: { readonly folder: string; readonly service: KnownService }): void {
  const before = now.services.get(folder)?.service ?? null;
  now.services.set(folder, service);
  now.getAlong &&= sameToOthers(before, service.service);
}

/** Nothing is known any more of files that cannot be read. */
export function forget(now: Known, { unreadable }: Survey): void {
  for (const folder of unreadable.keys()) {
    now.services.delete(folder);
    now.getAlong = false;
  }
}

/** Of all services, each once. */
export function envFilesOf({ services }: Known): readonly string[] {
  const paths = new Set<string>();
  for (const { service } of services.values()) for (const { path } of service?.envFiles ?? []) paths.add(path);
  return [...paths];
}
