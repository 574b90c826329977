import type { ConfigProblem } from '@kedge/shared/contracts';
import type { FolderReading } from './folder/folder-reading.ts';
import { type Configuration, type EntryName, entryNames } from './grammar/configuration.ts';
import { inReadingOrder } from './grammar/problem-list.ts';

/** What a look at the folder amounts to. */
export type Verdict =
  | {
      readonly kind: 'valid';
      readonly configuration: Configuration;
      /** Files that it depends on besides those that were looked at. */
      readonly envFiles?: readonly string[];
    }
  | {
      readonly kind: 'invalid';
      readonly reason: 'invalid' | 'unreadable';
      /** The main file, or the first of the names that it may have when there is none or two. */
      readonly entry: EntryName;
      /** All of them, in reading order. */
      readonly problems: readonly ConfigProblem[];
      /** What is allowed, and dangerous or easily meant otherwise, as far as it can be told. */
      readonly warnings: readonly ConfigProblem[];
      readonly envFiles?: readonly string[];
    }
  /** Nobody could render it: nothing is known, nothing changes. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The look was not at these service folders, which the main file names: look again. */
  | { readonly kind: 'look-again'; readonly folders: readonly string[] };

interface Findings {
  readonly entry: EntryName;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
  readonly envFiles?: readonly string[];
}

/** The verdict on files in which something is wrong, with everything that was found in reading order. */
export function rejected({ entry, problems, warnings, envFiles }: Findings): Verdict {
  return {
    kind: 'invalid',
    reason: 'invalid',
    entry,
    problems: inReadingOrder(problems),
    warnings: inReadingOrder(warnings),
    ...(envFiles && { envFiles }),
  };
}

/** The verdict on a folder without a main file that can be read. */
export function withoutMain(reading: Exclude<FolderReading, { kind: 'read' }>): Verdict {
  if (reading.kind === 'ambiguous') {
    const [file] = entryNames;
    const message = `both ${entryNames.join(' and ')} are there; keep one of the two`;
    return { kind: 'invalid', reason: 'invalid', entry: file, problems: [{ file, line: 1, column: 1, message }], warnings: [] };
  }
  const { file, missingIn, reason: message, at } = reading;
  // Nobody finds the beginning of a file that is not there.
  const problem = { file: missingIn ?? file, line: 1, column: 1, ...at, message };
  return { kind: 'invalid', reason: 'unreadable', entry: file, problems: [problem], warnings: [] };
}
