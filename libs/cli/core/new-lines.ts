/**
 * The lines of `current` that come after those of `previous`, where both are the tail of the same growing output: the longest end of
 * `previous` that `current` begins with was seen already.
 */
export function newLines(previous: readonly string[], current: readonly string[]): readonly string[] {
  for (let overlap = Math.min(previous.length, current.length); overlap > 0; overlap -= 1) {
    const seen = previous.slice(previous.length - overlap);
    if (seen.every((line, index) => line === current[index])) return current.slice(overlap);
  }
  return current;
}
