import { MainFile } from './main-file.ts';
import { wordsOf } from './schema-tables.ts';
import { ServiceFile } from './service-file.ts';
import { lastUpTo } from './source-place.ts';
import type { TomlFile } from './template-file.ts';
import { type Pointer, pointerText, type TomlPlace } from './toml-places.ts';

/** All words of the grammar: they tell nothing, whoever wrote them. */
const words: ReadonlySet<string> = new Set([MainFile, ServiceFile].flatMap(wordsOf));

/** A key as people write it: `port[0].host`. What a variable made of it is left out. */
export function shownKey(file: Pick<TomlFile, 'places' | 'map' | 'source'>, pointer: Pointer): string {
  const steps = pointer.map((step, index) => {
    if (typeof step === 'number') return `[${step}]`;
    const place = file.places.get(pointerText(pointer.slice(0, index + 1)));
    const name = place && !words.has(step) && isMade(file, place) ? '${…}' : step || '""';
    return index === 0 ? name : `.${name}`;
  });
  return steps.join('');
}

/** Whether a variable has a part in the key itself. */
export function isMadeKey(file: Pick<TomlFile, 'places' | 'map' | 'source'>, pointer: Pointer): boolean {
  const place = file.places.get(pointerText(pointer));
  return place !== undefined && isMade(file, place);
}

function isMade(file: Pick<TomlFile, 'map' | 'source'>, { key, keyEnd }: TomlPlace): boolean {
  return isMadeRange(file, { from: key, to: keyEnd });
}

/** Whether a part of the rendered text is anything but what stands in the source: an expression or a statement printed some of it. */
export function isMadeRange(
  { map, source }: Pick<TomlFile, 'map' | 'source'>,
  range: { readonly from: number; readonly to: number },
): boolean {
  const first = lastUpTo(range.from, { length: map.length, startOf: (index) => map[index]?.[0] ?? 0 });
  for (let index = first; (map[index]?.[0] ?? Number.POSITIVE_INFINITY) < range.to; index += 1) {
    const [, original = 0] = map[index] ?? [];
    if (source.startsWith('${', original) || source.startsWith('{%', original)) return true;
  }
  return false;
}
