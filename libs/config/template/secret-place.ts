import type { Pointer } from '../grammar/toml-places.ts';

/** Where a value stands: a file of the configuration folder and a JSON pointer (RFC 6901) into what it renders to. */
export interface SecretPlace {
  readonly path: string;
  readonly pointer: readonly string[];
}

/** `web/service.toml#/env/TOKEN`. */
export function formatPlace(path: string, pointer: Pointer): string {
  const file = path.replaceAll('%', '%25').replaceAll('#', '%23');
  return `${file}#${pointer.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}

/** Reads what `formatPlace` wrote; null for anything else. */
export function parsePlace(ref: string): SecretPlace | null {
  const hash = ref.indexOf('#');
  if (hash <= 0 || ref[hash + 1] !== '/') return null;
  const parts = ref.slice(hash + 2).split('/');
  return {
    path: ref.slice(0, hash).replaceAll('%23', '#').replaceAll('%25', '%'),
    pointer: parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
  };
}
