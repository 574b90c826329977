import { serviceFile } from './service-path.ts';
import { toSourceOffset } from './source-place.ts';
import { type TomlFile, taintAt } from './template-file.ts';
import { type Pointer, pointerText } from './toml-places.ts';

/** What messages call the file of a service: where a variable made its path, as the main file writes it, such as `${name}/service.toml`. */
export function shownServiceFile(main: TomlFile, { pointer, folder }: { readonly pointer: Pointer; readonly folder: string }): string {
  return taintAt(main, pointer) ? `${writtenAt(main, pointer)}/service.toml` : serviceFile(folder);
}

/** A value as it stands in the source, without its quotes; `${…}` when that is not a part of one line. */
function writtenAt(file: TomlFile, pointer: Pointer): string {
  const place = file.places.get(pointerText(pointer));
  if (!place) return unknown;
  const written = file.source.slice(toSourceOffset(file, place.value), toSourceOffset(file, place.end)).replace(/^(["'])(.*)\1$/s, '$2');
  return /^[^\n"']+$/.test(written) && written.includes('${') ? written : unknown;
}

const unknown = '${…}';
