import { dirname, join } from 'node:path';
import { serviceFile } from '../grammar/service-path.ts';
import type { ChangeHints } from './change-hints.ts';
import type { FileReading, FolderReading } from './folder-reading.ts';
import { createLookScope } from './look-scope.ts';
import { marksOf } from './marks.ts';
import { readText } from './read-text.ts';
import { createRememberedTexts } from './remembered-texts.ts';

type Services = Extract<FolderReading, { kind: 'read' }>['services'];

interface Place {
  /** Of the configuration folder. */
  readonly path: string;
  readonly hints?: ChangeHints | undefined;
  /** Of the day, to tell which marks are too young to be trusted. */
  readonly now?: () => number;
  readonly monotonicMs?: () => number;
}

/** The files of the services, by folder. As long as none of them says anything else, the very same value. */
export function createServiceTexts({ path, hints, now = Date.now, monotonicMs = () => performance.now() }: Place) {
  const scope = createLookScope({ hints: hints ?? null, nowMs: monotonicMs });
  const readAll = createRememberedTexts({ marksOf, readText, now });
  let asked: readonly string[] | null = null;
  let files: readonly string[] = [];
  let folders: readonly string[] = [];
  let before: readonly FileReading[] = [];
  let services: Services = {};

  return {
    /** Never rejects; each folder that was asked for is in the answer. */
    async look(serviceFolders: readonly string[]): Promise<Services> {
      if (serviceFolders !== asked) {
        asked = serviceFolders;
        files = serviceFolders.map((folder) => join(path, serviceFile(folder)));
        folders = files.map((file) => dirname(file));
        before = [];
      }
      const due = scope.begin(folders);
      const { readings, changed } = await readAll(files, due ? (place) => due.has(folders[place] ?? '') : undefined);
      scope.end(changed.flatMap((place) => folders[place] ?? []));
      if (readings !== before || readings.length === 0) {
        services = Object.fromEntries(serviceFolders.flatMap((folder, place) => (readings[place] ? [[folder, readings[place]]] : [])));
      }
      before = readings;
      return services;
    },
    /** The looks of the next minute are at everything. */
    doubt: () => scope.doubt(),
  };
}
