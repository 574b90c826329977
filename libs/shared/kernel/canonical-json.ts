import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { TerminalError } from './errors.ts';

/** RFC 8785 (JSON Canonicalization Scheme): equal values give equal text, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TerminalError('NOT_JSON', 'only JSON values have a canonical form; undefined and functions do not');
  return text;
}

/** SHA-256 of the canonical JSON, in lower-case hex. */
export function hashJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** True when both values have the same canonical JSON. */
export function sameJson(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
