/** What is calculated with is not there. */
const ofUndefined = /^tried to use \S+ operator on unsupported types (?:undefined and \w+|\w+ and undefined)$/;

/** What the engine says of operations that fail, as far as no value can stand in it, and what people are told. */
const sentences: readonly (readonly [said: RegExp, told: string | null])[] = [
  [ofUndefined, 'what is calculated with is not defined'],
  [/^tried to use \S+ operator on unsupported types \w+ and \w+$/, null],
  [/^range has too many elements$/, null],
  [/^recursion limit exceeded$/, null],
  [/^value of type \w+ is not callable$/, null],
  [/^cannot convert \w+ to \w+$/, null],
  [/^strings can only be multiplied with integers$/, null],
  [/^can only assign to namespaces, not \w+$/, null],
  [/^can only sum numbers, got \w+$/, null],
  [/^cannot round value \(\w+\)$/, 'only a number can be rounded; ${ name | int } makes one of a text'],
  [/^cannot get absolute value$/, 'only a number has an absolute value; ${ name | int } makes one of a text'],
  [/^cannot calculate length of value of type \w+$/, 'what has a length is a text or a list; put | list before it'],
  [/^invalid (?:float|integer) literal$/, 'a text that is no number stands where a number is made of it'],
  [/^cannot convert value into pair/, 'a mapping such as { "a": 1 } was expected, and every variable is a text'],
  [/^expected object or keyword arguments/, 'a mapping or named arguments were expected, and every variable is a text'],
  [/^unable to calculate /, 'this has no result: it divides by zero, or the number is too large'],
  [/^count cannot be 0$/, null],
  [/^$/, 'what is done here is not possible with a text, and every variable is one; ${ name | int } makes a number of it'],
];

/** What is told of an operation that failed; null when nothing can be told of it. */
export function explainOperation(detail: string): string | null {
  const found = sentences.find(([said]) => said.test(detail));
  return found ? (found[1] ?? detail) : null;
}
