import { Buffer } from 'node:buffer';

/** Stands where a value was. */
const mask = '[sealed]';
/** Shorter values, and bare numbers such as ports, are no secrets, and would be found everywhere. */
const shortest = 6;

/** Takes values out of what a container printed: as they are, URL-encoded, and in base64 by themselves. */
export function maskLines(lines: readonly string[], values: readonly string[]): string[] {
  const forms = values.filter((value) => value.length >= shortest && !/^\d+$/.test(value)).flatMap(formsOf);
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
