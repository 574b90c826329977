import { Buffer } from 'node:buffer';

/** What fits into one answer on the bus, which carries a megabyte: sealed it grows by a third. */
export const mostOfAnswer = 770_000;

/** Bytes of a value in an answer. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** What is told of a file whose part of an answer would be too large. */
export function tooLarge(size: number): string {
  const inThousands = (bytes: number) => `${Math.ceil(bytes / 1_000)} kB`;
  return `is too large once its variables are filled in: it takes ${inThousands(size)} with a reference for each value that a variable made, and ${inThousands(mostOfAnswer)} fit into one message; make fewer values of variables in one file`;
}
