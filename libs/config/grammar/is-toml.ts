import { parse, TomlError } from 'smol-toml';

/** Whether a text is TOML by itself. */
export function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof TomlError) return false;
    throw thrown;
  }
}
