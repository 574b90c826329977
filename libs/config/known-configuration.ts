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

export interface KnownService extends ServiceReading {
  readonly text: string;
  /** What could not be rendered is asked for again. */
  readonly isRendered: boolean;
}

/** The text of a service's file, as the user wrote it. */
export interface ServiceText {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

export type Readable = Extract<FolderReading, { kind: 'read' }>;

export function changedSince({ main, services }: Known, files: Readable['services']): readonly ServiceText[] {
  return main.folders.flatMap(({ folder }) => {
    const file = files[folder];
    const before = services.get(folder);
    const isNew = file?.kind === 'text' && !(before?.isRendered && before.text === file.text);
    return isNew ? [{ folder, path: serviceFile(folder), text: file.text }] : [];
  });
}

export function remember(now: Known, { folder, service }: { readonly folder: string; readonly service: KnownService }): void {
  const before = now.services.get(folder)?.service ?? null;
  now.services.set(folder, service);
  now.getAlong &&= sameToOthers(before, service.service);
}

/** The files that cannot be read, by folder. Nothing is known of them any more. */
export function forgetUnreadable(now: Known, files: Readable['services']): ReadonlyMap<string, Unreadable> {
  const unreadable = new Map<string, Unreadable>();
  for (const { folder } of now.main.folders) {
    const file = files[folder];
    if (file?.kind !== 'unreadable') continue;
    unreadable.set(folder, file);
    now.services.delete(folder);
    now.getAlong = false;
  }
  return unreadable;
}

/** Of all services, each once. */
export function envFilesOf({ services }: Known): readonly string[] {
  const paths = new Set<string>();
  for (const { service } of services.values()) for (const { path } of service?.envFiles ?? []) paths.add(path);
  return [...paths];
}

/** Whether a look was at exactly the folders that the main file names. */
export function looksAt(files: Readable['services'], { folders }: MainConfiguration): boolean {
  return Object.keys(files).length === folders.length && folders.every(({ folder }) => Object.hasOwn(files, folder));
}
