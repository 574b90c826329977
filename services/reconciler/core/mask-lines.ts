import { Buffer } from 'node:buffer';

/** Stands where a value was. */
const mask = '[sealed]';
/** Shorter values, such as ports, are no secrets, and would be found everywhere. */
const shortest = 6;

/**
 * Takes values out of what a container printed: as they are, URL-encoded, and in base64 by themselves. A value of several lines, such as a
 * key, is printed line by line: each of them goes.
 */
export function maskLines(lines: readonly string[], values: readonly string[]): string[] {
  const parts = values.flatMap((value) => [value, ...value.split(/\r?\n/).map((line) => line.trim())]);
  const forms = parts.filter((part) => part.length >= shortest).flatMap(formsOf);
  // Longest first: a value may be a part of another one.
  const ordered = [...new Set(forms)].toSorted((left, right) => right.length - left.length);
  return lines.map((line) => ordered.reduce((text, form) => text.replaceAll(form, mask), line));
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = bytes.toString('base64');
  return [
    value,
    encodeURIComponent(value),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    JSON.stringify(value).slice(1, -1),
  ];
}
