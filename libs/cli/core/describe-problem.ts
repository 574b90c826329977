import type { ConfigProblem } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';

/** One wrong thing in a configuration file, as lines: where and what, the line with a caret, the nearest key. */
export function describeProblem({ file, line, column, key, message, nearest, excerpt }: ConfigProblem): string[] {
  const where = `${file}:${line}:${column}: ${message}${key === undefined || message.includes(key) ? '' : ` (${key})`}`;
  const source = excerpt === undefined ? [] : [`  ${excerpt}`, `  ${caretPadding(excerpt, column)}^`];
  return [where, ...source, ...(nearest === undefined ? [] : [`  did you mean "${nearest}"?`])];
}

/** `3 problems in 2 files.` */
export function countProblems(problems: readonly ConfigProblem[]): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  return `${counted(problems.length, 'problem')} in ${counted(files, 'file')}.`;
}

/** Excerpts of long lines are cut around their place, and begin with `…` then; see `placeAt` of `@kedge/config`. */
const longestWhole = 240;
const placeInCut = 181;

/** Tabs stay tabs, so that the caret stands below its column however wide they are shown. */
function caretPadding(excerpt: string, column: number): string {
  const isCut = excerpt.startsWith('…') && column > longestWhole;
  return excerpt.slice(0, isCut ? placeInCut : column - 1).replaceAll(/[^\t]/g, ' ');
}
