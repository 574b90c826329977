/**
 * Other values of the same kind, to find out what depends on a value: `8080` becomes `9191`, `true` becomes `false`, `["a"]` becomes
 * `["b"]`. None equals the value. The first that still gives a valid document is the one to use; the later ones are for values where
 * the first does not fit, such as the 31 of a date.
 */
export function otherValues(value: string): string[] {
  const candidates = [
    changeTokens(value, raise),
    changeTokens(value, lower),
    changeFirstToken(value),
    `${value}x`,
    `${value}1`,
    `${value} `,
  ];
  return [...new Set(candidates)].filter((candidate) => candidate !== value);
}

/** Escapes stay as they are, since another letter may be no escape; every other run of letters and digits is a token. */
const tokens = /\\.|[A-Za-z0-9]+/gs;

const words: ReadonlyMap<string, string> = new Map([
  ['true', 'false'],
  ['false', 'true'],
  ['inf', 'nan'],
  ['nan', 'inf'],
]);

function changeTokens(value: string, change: (character: string) => string): string {
  return value.replaceAll(tokens, (token) => changeToken(token, change));
}

function changeFirstToken(value: string): string {
  let done = false;
  return value.replaceAll(tokens, (token) => {
    if (done) return token;
    const changed = changeToken(token, raise);
    done = changed !== token;
    return changed;
  });
}

function changeToken(token: string, change: (character: string) => string): string {
  if (token.startsWith('\\')) return token;
  return words.get(token) ?? token.slice(0, -1) + change(token.slice(-1));
}

/** Another digit, hexadecimal letter or letter of the same case; never a 0, which may not lead a number. */
function raise(character: string): string {
  const last = 'fFzZ9'.indexOf(character);
  return last < 0 ? shift(character, 1) : ('eEyY8'[last] ?? character);
}

function lower(character: string): string {
  const first = 'aAgG0'.indexOf(character);
  return first < 0 ? shift(character, -1) : ('bBhH1'[first] ?? character);
}

function shift(character: string, by: number): string {
  return String.fromCharCode(character.charCodeAt(0) + by);
}
