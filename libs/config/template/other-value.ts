/** What each character becomes. Digits stay digits and letters letters, so that numbers, dates and escapes like `\u00e9` keep their form. */
const others = new Map<string, string>(
  ['01234567898', 'abcdefa', 'ghijklmnopqrstuvwxyzg', 'ABCDEFA', 'GHIJKLMNOPQRSTUVWXYZG'].flatMap((row) =>
    [...row].slice(0, -1).map((character, index): [string, string] => [character, row.charAt(index + 1)]),
  ),
);
const words = new Map([
  ['true', 'false'],
  ['false', 'true'],
]);
/** An escape of TOML has to stay one: of `\n` no letter is replaced. */
const replaceable = /\\.|[\p{L}\p{N}]/gsu;

/** Another text of the same shape: as long, with letters, digits and signs at the same places. Only the empty text has none. */
export function otherValue(value: string): string {
  const other = words.get(value) ?? value.replaceAll(replaceable, (found) => (found.startsWith('\\') ? found : (others.get(found) ?? 'x')));
  return other === value && value !== '' ? `${value}x` : other;
}
