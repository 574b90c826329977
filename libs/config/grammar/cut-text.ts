import type { ConfigProblem } from '@kedge/shared/contracts';
import { placeAt } from './source-place.ts';
import { substitutionsOf } from './substitutions.ts';
import type { TomlFile } from './template-file.ts';

/**
 * Values that end the text around them, in a file that is valid nevertheless: the rest of such a value is a comment or a key of its own,
 * as in Dispenser, and hardly ever meant.
 */
export function cutTexts(file: TomlFile): ConfigProblem[] {
  const suspicious = substitutionsOf(file).filter(({ value }) => /["']/.test(value));
  if (suspicious.length === 0) return [];
  const texts = [...file.places.values()].filter(({ value }) => /["']/.test(file.rendered.charAt(value)));
  return suspicious
    .filter(({ from, to }) => texts.some(({ value, end }) => value < from && from < end && end < to))
    .map(({ name, offset }) => ({
      file: file.path,
      ...placeAt(file.source, offset),
      message: `the value of the variable "${name}" ends the text around it with a quote, and what is behind that is lost or becomes a key of its own; write '\${${name}}' or '''\${${name}}''' here`,
    }));
}
