import { type Filling, fill, placeIn } from './filled-text.ts';
import { special } from './harmless-values.ts';
import { isToml } from './read-toml.ts';
import { type Substitution, substitutionsOf } from './substitutions.ts';
import { takesText } from './takes-text.ts';
import type { TemplateFile } from './template-file.ts';
import { correct, cureOf } from './value-cure.ts';

/** What to write in the place of an expression, so that its value stands there as it is. */
export function cureFor(file: Omit<TemplateFile, 'tainted'>, wanted: Substitution): string {
  const substitutions = substitutionsOf(file);
  const values = substitutions.map(({ value }) => value.replaceAll(special, '_'));
  return cureAmong(file.path, { rendered: file.rendered, substitutions, values, wanted });
}

/** The same in a text with harmless values, which may be a part of the file at this path. */
export function cureAmong(path: string, { wanted, ...harmless }: Filling & { readonly wanted: Substitution }): string {
  const text = fill(harmless);
  if (!isToml(text)) return correct;
  return cureOf({ text, ...placeIn(harmless, wanted), substitution: wanted, takesText: takesText(path, text) });
}
