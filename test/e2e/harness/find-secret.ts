import { gunzipSync } from 'node:zlib';

/** Finds out in which disguises a secret stands in a text: as it is, URL-encoded, in base64 at any alignment, or gzipped in base64. */
export type Search = (secret: string) => readonly string[];

/** Reads a text once, however many secrets are looked for in it. */
export function searchIn(text: string): Search {
  const packed = [...new Set(text.match(/(?<![A-Za-z0-9+/_-])H4s[A-Za-z0-9+/_-]{13,}={0,2}/g))];
  const unpacked = packed.flatMap((run) => unzipped(Buffer.from(run, 'base64')) ?? []);
  return (secret) => {
    const found: string[] = [];
    if (text.includes(secret)) found.push('plain');
    // What needs no encoding stands there as it is.
    if (encodeURIComponent(secret) !== secret && text.includes(encodeURIComponent(secret))) found.push('url');
    if (base64Forms(secret).some((form) => text.includes(form))) found.push('base64');
    if (unpacked.some((each) => each.includes(secret))) found.push('gzip');
    return found;
  };
}

/** What is certain of the base64 of anything that contains the secret, for each of the three alignments and both alphabets. */
function base64Forms(secret: string): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(`${' '.repeat(shift)}${secret}`)
      .toString('base64')
      .replaceAll('=', '');
    // The first and last characters also hold bits of the neighbours.
    const certain = encoded.slice(shift === 0 ? 0 : shift + 1, -1);
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function unzipped(bytes: Buffer): string | null {
  try {
    return gunzipSync(bytes).toString();
  } catch {
    return null;
  }
}
