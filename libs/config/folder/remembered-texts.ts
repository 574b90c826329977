import type { FileReading } from './folder-reading.ts';
import type { markOf, readText } from './read-text.ts';

/** A clock of a file system may be as coarse as this: a second change in the same moment would leave the same mark. */
const coarsestMs = 2_000;
/** At the same time, so that a large folder does not use up the file handles of the process. */
const mostOpen = 32;

interface TextPorts {
  readonly markOf: typeof markOf;
  readonly readText: typeof readText;
  readonly now: () => number;
}

interface Remembered {
  readonly mark: string;
  readonly reading: FileReading;
  /** False when the file was read so shortly after a change that another one might not show. */
  readonly certain: boolean;
}

/** Reads files again only when their marks changed; of an unchanged file the very same reading comes back. */
export function createRememberedTexts({ markOf, readText, now }: TextPorts) {
  let remembered = new Map<string, Remembered>();

  async function read(path: string): Promise<Remembered> {
    const { mark, changedAtMs } = await markOf(path);
    const before = remembered.get(path);
    if (before?.mark === mark && before.certain) return before;
    const certain = Math.abs(now() - changedAtMs) > coarsestMs;
    const reading = await readText(path);
    return { mark, certain, reading: before && sameReading(before.reading, reading) ? before.reading : reading };
  }

  /** What these files say, in their order. Others are forgotten. */
  return async function readAll(paths: readonly string[]): Promise<readonly FileReading[]> {
    const found: Remembered[] = [];
    for (let at = 0; at < paths.length; at += mostOpen) found.push(...(await Promise.all(paths.slice(at, at + mostOpen).map(read))));
    remembered = new Map(paths.flatMap((path, index) => (found[index] ? [[path, found[index]]] : [])));
    return found.map(({ reading }) => reading);
  };
}

function sameReading(left: FileReading, right: FileReading): boolean {
  if (left.kind === 'text' || right.kind === 'text')
    return left.kind === right.kind && 'text' in left && 'text' in right && left.text === right.text;
  return left.reason === right.reason && left.at?.line === right.at?.line && left.at?.column === right.at?.column;
}
