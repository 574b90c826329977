import { Buffer } from 'node:buffer';

/** Around a line in JSON: the quotes and the comma of a list, or the newline of a text. */
const aroundLine = 3;

/** The last lines that have room in so many bytes of JSON; of one that has none by itself its end is kept. */
export function lastThatFit(lines: readonly string[], maxBytes: number): readonly string[] {
  let room = maxBytes;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? '';
    room -= bytesInJson(line) + aroundLine;
    if (room >= 0) continue;
    return index === lines.length - 1 ? [endOf(line, maxBytes - aroundLine)] : lines.slice(index + 1);
  }
  return lines;
}

function endOf(line: string, maxBytes: number): string {
  let end = line.slice(-Math.max(1, maxBytes));
  while (end !== '' && bytesInJson(end) > maxBytes) end = end.slice(Math.ceil(end.length / 8));
  // A character of two halves may have been cut in between.
  return end.toWellFormed();
}

function bytesInJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
