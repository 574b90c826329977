import { gunzipSync } from 'node:zlib';

/** The disguises in which `secret` stands in `text`: as it is, URL-encoded, in base64 at any alignment, or gzipped in base64. */
export function findSecret(text: string, secret: string): readonly string[] {
  const found: string[] = [];
  if (text.includes(secret)) found.push('plain');
  if (text.includes(encodeURIComponent(secret))) found.push('url');
  const runs = [...new Set(text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g))].map((run) => Buffer.from(run, 'base64'));
  if (base64Forms(secret).some((form) => text.includes(form))) found.push('base64');
  if (runs.some((bytes) => unzipped(bytes)?.includes(secret) === true)) found.push('gzip');
  return found;
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
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return null;
  try {
    return gunzipSync(bytes).toString();
  } catch {
    return null;
  }
}
