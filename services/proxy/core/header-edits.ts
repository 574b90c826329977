import { type HeaderEdits, plainHeader } from '@kedge/shared/contracts';

/** Edits of headers as they are applied; lists of headers are flat, names and values take turns. */
export interface CompiledEdits {
  /** Names of headers that go, as `plainHeader` has them. */
  readonly drop: ReadonlySet<string>;
  /** What comes behind the others. */
  readonly add: readonly string[];
}

/** Null where there is nothing to edit. */
export function compileEdits({ set = {}, remove = [] }: HeaderEdits = {}): CompiledEdits | null {
  const drop = new Set([...Object.keys(set), ...remove].map(plainHeader));
  return drop.size === 0 ? null : { drop, add: Object.entries(set).flat() };
}

/** The headers without those that go, and with those that are set. Only names are compared, never values. */
export function editHeaders(headers: readonly string[], { drop, add }: CompiledEdits): string[] {
  return [...withoutHeaders(headers, drop), ...add];
}

/** The headers without those of these names, however they are written. */
export function withoutHeaders(headers: readonly string[], drop: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => !drop.has(plainHeader(headers[index - (index % 2)] ?? '')));
}

/** The first value of a header; undefined when it is not there. */
export function headerIn(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const found = headers[index] ?? '';
    if (found.length === name.length && found.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
