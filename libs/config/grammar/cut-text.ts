import type { ConfigProblem } from '@kedge/shared/contracts';
import { cureFor } from './cure-in-file.ts';
import { placeAt } from './source-place.ts';
import { describeExpression, type Substitution, substitutionsOf } from './substitutions.ts';
import type { TomlFile } from './template-file.ts';

/**
 * Values that do not stand in a valid file as they are: one that ends the text around it, so that its rest is a comment or a key of its
 * own, as in Dispenser, and hardly ever meant; and one with a backslash, which says another character there.
 */
export function cutTexts(file: TomlFile): ConfigProblem[] {
  const suspicious = substitutionsOf(file).filter(({ value }) => /["'\\]/.test(value));
  if (suspicious.length === 0) return [];
  const texts = [...file.places.values()].filter(({ value }) => /["']/.test(file.rendered.charAt(value)));
  const told = (substitution: Substitution, what: string): ConfigProblem => ({
    file: file.path,
    ...placeAt(file.source, substitution.offset),
    message: `the value of ${describeExpression(substitution)} ${what}; ${cureFor(file, substitution)}`,
  });
  return suspicious.flatMap((substitution) => {
    const { from, to, value: said } = substitution;
    const text = texts.find(({ value, end }) => value < from && from < end);
    if (!text) return [];
    if (text.end < to)
      return [told(substitution, 'ends the text around it with a quote, and what is behind that is lost or becomes a key of its own')];
    // Whoever writes an expression may have escaped it there.
    const isRead = file.rendered.startsWith('"', text.value) && said.includes('\\') && /^\w+$/.test(substitution.name);
    return isRead
      ? [told(substitution, 'has a backslash, which within "…" is the beginning of another character, and not what is passed on')]
      : [];
  });
}
