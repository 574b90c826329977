import type { FileReading } from './folder-reading.ts';
import { coarsestMs, type marksOf } from './marks.ts';
import type { readText } from './read-text.ts';

/** At the same time, so that a large folder does not use up the file handles of the process. */
const mostOpen = 32;

interface TextPorts {
  readonly marksOf: typeof marksOf;
  readonly readText: typeof readText;
  readonly now: () => number;
}

interface Remembered {
  readonly mark: string;
  readonly reading: FileReading;
  /** False when another change might not show: of a file that has no mark, or was read too shortly after the last one. */
  readonly certain: boolean;
}

/** What files say. */
export interface Texts {
  /** In the order of the paths. The very same value as before when none of them says anything else. */
  readonly readings: readonly FileReading[];
  /** Places of those that were known already, and changed. */
  readonly changed: readonly number[];
  /** Places of those that say something else than the readings of the call before; null when that was for other paths. */
  readonly news: readonly number[] | null;
}

/** Reads files again only when their marks changed; of an unchanged file the very same reading comes back. */
export function createRememberedTexts({ marksOf, readText, now }: TextPorts) {
  let remembered: readonly Remembered[] = [];
  /** Places of what is not known for certain. */
  let doubtful: readonly number[] = [];
  let known: readonly string[] = [];
  let readings: readonly FileReading[] = [];

  /**
   * What these files say. Others are forgotten. Files at places that are not due, when some are named, are taken for unchanged, if they are
   * known for certain: those cost nothing, however many there are.
   */
  return async function readAll(paths: readonly string[], duePlaces: Iterable<number> | null = null): Promise<Texts> {
    const isSame = paths === known && readings.length === paths.length;
    const before = arrange(paths);
    const due = duePlaces && isSame ? [...new Set([...duePlaces, ...doubtful])].toSorted((one, other) => one - other) : [...paths.keys()];
    const marks = await marksOf(due.map((place) => paths[place] ?? ''));
    const opened = due.flatMap((place, index) => {
      const found = marks[index];
      const last = before[place];
      return found && !(last?.mark === found.mark && last.certain) ? [{ place, path: paths[place] ?? '', last, ...found }] : [];
    });
    const after = [...before];
    for (let at = 0; at < opened.length; at += mostOpen) {
      await Promise.all(
        opened.slice(at, at + mostOpen).map(async ({ place, path, last, mark, changedAtMs }) => {
          // What is not there may be missing for another reason next time.
          const certain = changedAtMs > 0 && Math.abs(now() - changedAtMs) > coarsestMs;
          const reading = await readText(path);
          after[place] = { mark, certain, reading: last && sameReading(last.reading, reading) ? last.reading : reading };
        }),
      );
    }
    remembered = after.filter((each) => each !== undefined);
    known = paths;
    doubtful = due.filter((place) => !after[place]?.certain);
    const news = opened.filter(({ place }) => readings[place] !== after[place]?.reading).map(({ place }) => place);
    if (!isSame || news.length > 0) readings = remembered.map(({ reading }) => reading);
    return {
      readings,
      changed: opened.flatMap(({ place, last, mark }) => (last && last.mark !== mark ? [place] : [])),
      news: isSame ? news : null,
    };
  };

  /** What is known of these files, each at its place. */
  function arrange(paths: readonly string[]): readonly (Remembered | undefined)[] {
    if (paths === known) return remembered;
    const byPath = new Map(known.map((path, place) => [path, remembered[place]]));
    readings = [];
    return paths.map((path) => byPath.get(path));
  }
}

function sameReading(left: FileReading, right: FileReading): boolean {
  if (left.kind === 'text' || right.kind === 'text')
    return left.kind === right.kind && 'text' in left && 'text' in right && left.text === right.text;
  return left.reason === right.reason && left.at?.line === right.at?.line && left.at?.column === right.at?.column;
}
