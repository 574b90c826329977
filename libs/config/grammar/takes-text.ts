import { parse } from 'smol-toml';
import { MainFile } from './main-file.ts';
import { ServiceFile } from './service-file.ts';
import type { Pointer } from './toml-places.ts';

/** Whether a key of a file may have a text as its value; of a file of variables any may. */
export function takesText(path: string, text: string): (pointer: Pointer, value: string) => boolean {
  return (pointer, value) => {
    if (!path.endsWith('.toml')) return true;
    const root = parse(text);
    const schema = path.endsWith('service.toml') ? ServiceFile : MainFile;
    if (!putAt(root, { pointer, value })) return false;
    const found = schema.safeParse(root).error?.issues ?? [];
    return !found.some((issue) => pointer.every((step, index) => issue.path[index] === step));
  };
}

function putAt(root: unknown, { pointer, value }: { readonly pointer: Pointer; readonly value: string }): boolean {
  const last = pointer.at(-1);
  let node: unknown = root;
  for (const step of pointer.slice(0, -1)) node = typeof node === 'object' && node !== null ? Reflect.get(node, step) : null;
  return last !== undefined && typeof node === 'object' && node !== null && Reflect.set(node, last, value);
}
