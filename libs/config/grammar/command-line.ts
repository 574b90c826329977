/** The words, which may be none; or why a shell would not take the line either. */
export type SplitCommandLine = { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly message: string };

/**
 * Splits one line into words as a POSIX shell reads quotes and backslashes (§2.2 Quoting), and does nothing else that a shell does:
 * `$`, `|`, `>` and `*` stay as they are.
 */
export function splitCommandLine(line: string): SplitCommandLine {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;

  while (at < line.length) {
    const character = line.charAt(at);
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return { ok: false, message: "has an opening ' without a closing one" };
      word = (word ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuoted(line, at + 1);
      if (!quoted) return { ok: false, message: 'has an opening " without a closing one' };
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      if (at + 1 === line.length) return { ok: false, message: 'ends in a backslash that stands before nothing' };
      word = (word ?? '') + line.charAt(at + 1);
      at += 2;
    } else {
      word = (word ?? '') + character;
      at += 1;
    }
  }
  if (word !== null) words.push(word);
  return { ok: true, words };
}

function readDoubleQuoted(line: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    // Within double quotes a backslash only quotes what would be special there.
    const escapes = character === '\\' && /["\\$`]/.test(line.charAt(at + 1));
    if (escapes) at += 1;
    text += line.charAt(at);
  }
  return null;
}
