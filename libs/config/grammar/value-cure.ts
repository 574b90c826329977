import { parse, TomlError } from 'smol-toml';
import type { Substitution } from './substitutions.ts';
import { findTomlPlaces, type Pointer, pointerOfText } from './toml-places.ts';

interface Ill {
  /** The file with harmless values: it is valid TOML. */
  readonly text: string;
  /** Where the harmless value stands in it. */
  readonly from: number;
  readonly to: number;
  /** What should stand there. */
  readonly substitution: Pick<Substitution, 'name' | 'value'>;
  /** Whether a key may have this text as its value. */
  readonly takesText: (pointer: Pointer, text: string) => boolean;
}

const quotes = ['"""', "'''", '"', "'"] as const;
/** Where nothing else helps. */
export const correct = 'correct it where the variable is defined';

/** What to write so that a value stands in a file as it is. Each proposal was tried. */
export function cureOf({ text, from, to, substitution: { name, value }, takesText }: Ill): string {
  const found = [...findTomlPlaces(text)].find(([, place]) => place.value <= from && to <= place.end && place.keyEnd <= place.value);
  if (!found) return correct;
  const [pointer, place] = found;
  const around = quotes.find((quote) => text.startsWith(quote, place.value)) ?? '';
  const before = text.slice(place.value + around.length, from);
  const after = text.slice(to, place.end - around.length);
  if (around === '' && (before !== '' || after !== '' || !takesText(pointerOfText(pointer), value))) return correct;
  if (around !== '' && before === '' && after === '' && /\|\s*tojson$/.test(name))
    return `write \${ ${name} } here, without quotes around it`;
  const allowed = around === '' ? ['"', "'", "'''"] : ["'", "'''"];
  const isWritten = !/\\/.test(before + after);
  const quote = isWritten ? allowed.find((each) => textOf(each + before + value + after + each) === before + value + after) : undefined;
  if (quote !== undefined) return `write ${quote}\${${name}}${quote} here`;
  if (before !== '' || after !== '') return correct;
  return `write \${ ${/^\w+$/.test(name) ? name : `(${name})`} | tojson } here, without quotes around it`;
}

/** The text that stands in these quotes; null when it is no TOML. */
function textOf(quoted: string): unknown {
  try {
    return parse(`a = ${quoted}`).a;
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return null;
  }
}
