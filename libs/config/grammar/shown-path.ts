import { serviceFile } from './service-path.ts';
import { toSourceOffset } from './source-place.ts';
import { type TomlFile, taintAt } from './template-file.ts';
import { type Pointer, pointerText } from './toml-places.ts';

/** What messages call the file of a service: where a variable made its path, as the main file writes it, such as `${name}/service.toml`. */
export function shownServiceFile(main: TomlFile, { pointer, folder }: { readonly pointer: Pointer; readonly folder: string }): string {
  const place = taintAt(main, pointer) && main.places.get(pointerText(pointer));
  if (!place) return taintAt(main, pointer) ? `${unknown}/service.toml` : serviceFile(folder);
  const written = main.source.slice(toSourceOffset(main, place.value), toSourceOffset(main, place.end));
  // It counts as made by a variable where nobody can tell what is; but the file itself has it as it is.
  return written === main.rendered.slice(place.value, place.end) ? serviceFile(folder) : `${withoutQuotes(written)}/service.toml`;
}

/** `${…}` when it is not a part of one line. */
function withoutQuotes(written: string): string {
  const text = written.replace(/^(["'])(.*)\1$/s, '$2');
  return /^[^\n"']+$/.test(text) && text.includes('${') ? text : unknown;
}

const unknown = '${…}';
