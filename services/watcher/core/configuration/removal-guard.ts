import type { ConfigManifest, ServiceName } from '@kedge/shared/contracts';

interface Removal {
  readonly current: readonly ServiceName[];
  readonly next: readonly ServiceName[];
  /** Of the configuration that names `next`. */
  readonly revision: string;
  readonly held: ConfigManifest['held'];
  /** A person asked to put it in force. */
  readonly apply: boolean;
}

export type RemovalVerdict = { readonly pass: true } | { readonly pass: false; readonly removes: readonly ServiceName[] };

/**
 * Holds a revision that would remove all services, or more than half of more than three, until a person says yes. A yes to one held
 * revision is not a yes to another one that came meanwhile.
 */
export function guardRemoval({ current, next, revision, held, apply }: Removal): RemovalVerdict {
  const removes = current.filter((name) => !next.includes(name));
  if (!removesTooMuch(removes.length, current.length)) return { pass: true };
  const agreed = apply && (held === undefined || held.revision === revision);
  return agreed ? { pass: true } : { pass: false, removes };
}

function removesTooMuch(removed: number, of: number): boolean {
  if (removed === 0) return false;
  return removed === of || (of > 3 && removed > of / 2);
}
