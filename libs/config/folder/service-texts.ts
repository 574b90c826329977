import { dirname, join } from 'node:path';
import { serviceFile } from '../grammar/service-path.ts';
import type { ChangeHints } from './change-hints.ts';
import type { FileNews, FileReading, ServiceFiles } from './folder-reading.ts';
import { createLookScope } from './look-scope.ts';
import { marksOf } from './marks.ts';
import { readText } from './read-text.ts';
import { createRememberedTexts } from './remembered-texts.ts';

interface Place {
  /** Of the configuration folder. */
  readonly path: string;
  readonly hints?: ChangeHints | undefined;
  /** Of the day, to tell which marks are too young to be trusted. */
  readonly now?: () => number;
  readonly monotonicMs?: () => number;
}

/** The files of the services, by folder: the very same value as long as none of them says anything else. */
export interface ServiceTexts {
  readonly services: ServiceFiles;
  /** Absent when other folders were looked at before. */
  readonly news?: FileNews;
}

/** Looks at the files of services, and tells what changed since the look before. */
export function createServiceTexts({ path, hints, now = Date.now, monotonicMs = () => performance.now() }: Place) {
  const scope = createLookScope({ hints: hints ?? null, nowMs: monotonicMs });
  const readAll = createRememberedTexts({ marksOf, readText, now });
  let asked: readonly string[] | null = null;
  let files: readonly string[] = [];
  let folders: readonly string[] = [];
  let before: readonly FileReading[] = [];
  let told: ServiceTexts = { services: {} };

  return {
    /** Never rejects; each folder that was asked for is in the answer. */
    async look(serviceFolders: readonly string[]): Promise<ServiceTexts> {
      if (serviceFolders !== asked) {
        asked = serviceFolders;
        files = serviceFolders.map((folder) => join(path, serviceFile(folder)));
        folders = files.map((file) => dirname(file));
        before = [];
        told = { services: {} };
      }
      const due = scope.begin(folders);
      const { readings, changed } = await readAll(files, due ? (place) => due.has(folders[place] ?? '') : undefined);
      scope.end(changed.flatMap((place) => folders[place] ?? []));
      if (readings !== before || readings.length === 0) told = withReadings(readings);
      before = readings;
      return told;
    },
    /** The looks of the next minute are at everything. */
    doubt: () => scope.doubt(),
  };
  /** Of thousands most are the very same as before. */
  function withReadings(readings: readonly FileReading[]): ServiceTexts {
    const services: Record<string, FileReading> = { ...told.services };
    const others: string[] = [];
    for (const [place, reading] of readings.entries()) {
      const folder = asked?.[place];
      if (folder === undefined || before[place] === reading) continue;
      services[folder] = reading;
      others.push(folder);
    }
    return before.length === readings.length ? { services, news: { since: told.services, folders: others } } : { services };
  }
}
