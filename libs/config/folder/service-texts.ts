import { dirname, join } from 'node:path';
import { serviceFile } from '../grammar/service-path.ts';
import type { ChangeHints } from './change-hints.ts';
import type { FileNews, FileReading, ServiceFiles } from './folder-reading.ts';
import { createLookScope } from './look-scope.ts';
import { marksOf } from './marks.ts';
import { readText } from './read-text.ts';
import { createRememberedTexts, type Texts } from './remembered-texts.ts';

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
  /** By folder, where its files stand in the list: one folder may be named in several ways. */
  let places: ReadonlyMap<string, readonly number[]> = new Map();
  let told: ServiceTexts = { services: {} };

  return {
    /** Never rejects; each folder that was asked for is in the answer. */
    async look(serviceFolders: readonly string[]): Promise<ServiceTexts> {
      if (serviceFolders !== asked) {
        asked = serviceFolders;
        files = serviceFolders.map((folder) => join(path, serviceFile(folder)));
        folders = files.map((file) => dirname(file));
        places = Map.groupBy(folders.keys(), (place) => folders[place] ?? '');
        told = { services: {} };
      }
      const due = scope.begin(folders);
      const found = await readAll(files, due && [...due].flatMap((folder) => places.get(folder) ?? []));
      scope.end(found.changed.flatMap((place) => folders[place] ?? []));
      told = follow(found);
      return told;
    },
    /** The looks of the next minute are at everything. */
    doubt: () => scope.doubt(),
  };

  function follow({ readings, news }: Pick<Texts, 'readings' | 'news'>): ServiceTexts {
    if (news?.length === 0) return told;
    const others = [...(news ?? readings.keys())].flatMap((place): readonly (readonly [string, FileReading])[] => {
      const [folder, reading] = [asked?.[place], readings[place]];
      return folder === undefined || !reading ? [] : [[folder, reading]];
    });
    // Thousands are copied in one go, much faster than into a record that is written to afterwards.
    const services = { ...told.services, ...Object.fromEntries(others) };
    return news ? { services, news: { since: told.services, folders: others.map(([folder]) => folder) } } : { services };
  }
}
