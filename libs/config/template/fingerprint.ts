import { createHash, createHmac } from 'node:crypto';

/** The key behind all fingerprints. Whoever does not have it learns nothing from them. */
export interface FingerprintKey {
  /** First eight hexadecimal digits of the key's SHA-256. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Names a key by its bytes. */
export function fingerprintKey(bytes: Uint8Array): FingerprintKey {
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

/** `<key id>:<HMAC-SHA-256>` of a value at a place: equal values at two places have different fingerprints. */
export function fingerprint(key: FingerprintKey, { place, json }: { readonly place: string; readonly json: string }): string {
  return `${key.id}:${createHmac('sha256', key.bytes).update(`${place}\0${json}`).digest('hex')}`;
}

/** True when a fingerprint was made with another key, which says nothing about the value. */
export function isForeign(key: FingerprintKey, text: string): boolean {
  return text.slice(0, text.indexOf(':')) !== key.id;
}
