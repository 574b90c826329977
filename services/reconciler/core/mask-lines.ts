import { Buffer } from 'node:buffer';

/** Stands where a value was. */
const mask = '[sealed]';
/** Shorter values, such as ports, are no secrets, and would be found everywhere. */
const shortest = 6;

/**
 * Takes values out of what a container printed: as they are, URL-encoded, in JSON, in hexadecimal, and in base64, also of a text that they are a part of. A value of several lines, such as a
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
  const hex = bytes.toString('hex');
  return [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...[0, 1, 2].flatMap((before) => withinBase64(bytes, before)),
  ];
}

/**
 * The characters that the bytes alone decide in the base64 of a longer text, in both alphabets (RFC 4648 §4 and §5). Each stands for 6
 * bits, so what they are depends on how many bytes come before, by threes.
 */
function withinBase64(bytes: Buffer, before: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const [first, end] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
  const own = encoded.slice(first, end);
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}
