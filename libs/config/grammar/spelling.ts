import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';

/**
 * One of a few words. Dispenser accepts several spellings of most; the contract knows one of each.
 * Case, blanks, `-` and `_` do not matter. Of a slip of the pen the nearest is told.
 */
export function spelling<Word extends string>(words: Readonly<Record<Word, readonly string[]>>) {
  const known = new Map<string, Word>();
  for (const word in words) for (const written of [word, ...words[word]]) known.set(plain(written), word);
  const ours = Object.keys(words);
  const allowed = ours.map((word) => `"${word}"`).join(', ');
  const named = Object.entries<readonly string[]>(words).flatMap(([word, aliases]) => [word, ...aliases]);
  const others = named.flatMap(spellingsOf);
  // Editors complete the first, and accept the rest.
  const forms = [{ enum: [...new Set([...ours, ...others])] }, { pattern: patternOf([...known.keys()]) }];

  return z
    .string()
    .transform((written, context): Word => {
      const word = known.get(plain(written));
      if (word !== undefined) return word;
      const near = nearest(written, named);
      const meant = near === null ? undefined : known.get(plain(near));
      const quoting = near === null ? undefined : `the nearest is "${near}"${near === meant ? '' : `, which means "${meant}"`}`;
      context.issues.push({ code: 'custom', message: `must be one of ${allowed}`, params: { quoting }, input: written });
      return z.NEVER;
    })
    .meta({ form: ours.map((word) => `\`${word}\``).join(' '), anyOf: forms });
}

function plain(written: string): string {
  return written.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** The ways to write a word that are worth telling an editor. */
function spellingsOf(word: string): string[] {
  const parts = word.split('-');
  const capitalised = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return [word, parts.join('_'), parts.join(''), parts.join(' '), capitalised];
}

/** Every way: JSON Schema knows no flag for the case. */
function patternOf(plainWords: readonly string[]): string {
  const letters = (word: string) => [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('[\\s_-]*');
  return `^[\\s_-]*(?:${plainWords.map(letters).join('|')})[\\s_-]*$`;
}
