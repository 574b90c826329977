import type { ConfigProblem } from '@kedge/shared/contracts';

interface Bounds {
  readonly most: number;
  /** Of all of them together, as JSON. */
  readonly mostBytes: number;
}

/** What events and KV hold. */
const stored: Bounds = { most: 100, mostBytes: 128 * 1024 };

/** Problems in reading order; of too many the first, and how many more there are. */
export function problemList(problems: readonly ConfigProblem[], bounds: Partial<Bounds> = stored): readonly ConfigProblem[] {
  const sorted = inReadingOrder(problems);
  const count = fitting(sorted, { ...stored, ...bounds });
  const next = sorted[count];
  if (!next) return sorted;
  const { file, line, column } = next;
  const message = `and ${sorted.length - count} more from here on, in ${filesOf(sorted.slice(count))}; mend those before first`;
  return [...sorted.slice(0, count), { file, line, column, message }];
}

/** All of them. What a loop repeats is told once at its place, for the first item. */
export function inReadingOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const each = new Map<string, ConfigProblem>();
  for (const problem of problems) {
    const { file, line, column, message } = problem;
    const id = JSON.stringify([file, line, column, message.replaceAll(/\[\d+\]/g, '[]')]);
    if (!each.has(id)) each.set(id, problem);
  }
  return [...each.values()].toSorted(
    (left, right) => byText(left.file, right.file) || left.line - right.line || left.column - right.column,
  );
}

function fitting(problems: readonly ConfigProblem[], { most, mostBytes }: Bounds): number {
  let bytes = 0;
  for (const [index, problem] of problems.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(problem));
    if (index === most || bytes > mostBytes) return index;
  }
  return problems.length;
}

function filesOf(problems: readonly ConfigProblem[]): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  return files === 1 ? 'this file' : `${files} files`;
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
