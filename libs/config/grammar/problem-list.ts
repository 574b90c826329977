import type { ConfigProblem } from '@kedge/shared/contracts';

/** More are not told at once: they travel in events and stand in KV. */
const mostProblems = 100;

/** Problems in reading order; of too many the first, and how many more there are. */
export function problemList(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const sorted = problems.toSorted(inReadingOrder);
  const next = sorted[mostProblems];
  if (!next) return sorted;
  const { file, line, column } = next;
  const count = sorted.length - mostProblems;
  const message = `and ${count} more from here on, in ${filesOf(sorted.slice(mostProblems))}; mend those before first`;
  return [...sorted.slice(0, mostProblems), { file, line, column, message }];
}

function filesOf(problems: readonly ConfigProblem[]): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  return files === 1 ? 'this file' : `${files} files`;
}

function inReadingOrder(left: ConfigProblem, right: ConfigProblem): number {
  return byText(left.file, right.file) || left.line - right.line || left.column - right.column;
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
