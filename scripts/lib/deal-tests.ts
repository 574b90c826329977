import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** For a file that was never measured, in milliseconds. */
const unknownMs = 50;

/** Deals files into so many parts that take about as long, by how long each took before: the longest first, each to whoever has the least. */
export function dealFiles(files: readonly string[], parts: number, tookMs: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const msOf = (file: string) => tookMs.get(file) ?? unknownMs;
  const dealt = Array.from({ length: parts }, () => ({ files: [] as string[], ms: 0 }));
  for (const file of files.toSorted((left, right) => msOf(right) - msOf(left) || left.localeCompare(right))) {
    const least = dealt.reduce((best, part) => (part.ms < best.ms ? part : best));
    least.files.push(file);
    least.ms += msOf(file);
  }
  return dealt.map((part) => part.files.toSorted());
}

/** Reads lines of "MILLISECONDS FILE", as count-reporter.ts writes them; the times of a file are added up. */
export function readTimes(text: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const [, ms = '', file = ''] of text.matchAll(/^(\d+) (.+)$/gm)) times.set(file, (times.get(file) ?? 0) + Number(ms));
  return times;
}

/** deal-tests.ts PATTERN PARTS PREFIX: writes the files of each part into PREFIX-1.files, PREFIX-2.files …, by the PREFIX-*.count of the last run. */
function dealInto(pattern: string, parts: number, prefix: string): void {
  const times = globSync(`${prefix}-*.count`).map((path) => readFileSync(path, 'utf8'));
  const files = globSync(pattern, { exclude: ['**/node_modules/**'] });
  for (const [index, part] of dealFiles(files, parts, readTimes(times.join(''))).entries()) {
    writeFileSync(`${prefix}-${index + 1}.files`, part.map((file) => `${file}\n`).join(''));
  }
}

const [, program = '', pattern = '', parts = '', prefix = ''] = process.argv;
if (import.meta.url === pathToFileURL(program).href) dealInto(pattern, Number(parts), prefix);
