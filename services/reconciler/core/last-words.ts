/** How many lines of a container that ended an event carries. */
export const lastWordCount = 20;
/** A program may print a megabyte without a line break; what is stored has to fit the bus, in JSON. */
const longestLine = 2_000;

/** The end of what a container said, short enough to be stored and told. Of a longer line its end. */
export function lastWords(lines: readonly string[]): string[] {
  return lines.slice(-lastWordCount).map((line) => (line.length <= longestLine ? line : `…${line.slice(1 - longestLine)}`));
}
