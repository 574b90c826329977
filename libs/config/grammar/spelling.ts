import { z } from 'zod';

/**
 * One of a few words. Dispenser accepts several spellings of most; the contract knows one of each.
 * Case, blanks, `-` and `_` do not matter.
 */
export function spelling<Word extends string>(words: Readonly<Record<Word, readonly string[]>>) {
  const known = new Map<string, Word>();
  for (const word in words) for (const written of [word, ...words[word]]) known.set(plain(written), word);
  const allowed = Object.keys(words)
    .map((word) => `"${word}"`)
    .join(', ');

  return z.string().transform((written, context): Word => {
    const word = known.get(plain(written));
    if (word !== undefined) return word;
    context.issues.push({ code: 'custom', message: `must be one of ${allowed}`, input: written });
    return z.NEVER;
  });
}

function plain(written: string): string {
  return written.toLowerCase().replaceAll(/[\s_-]/g, '');
}
