import type { ConfigManifest, ServiceName } from '@kedge/shared/contracts';

/** What tells that a service is still the same one under another name. */
export interface KnownService {
  readonly name: ServiceName;
  /** Null when it is not known any more. */
  readonly folder: string | null;
  /** The first, as `routesOf` writes it. */
  readonly route: string | null;
}

/** A person's yes: to the held revision, or to the one that was shown. */
export interface Agreement {
  readonly revision?: string | undefined;
}

/** What only one of two configurations names. */
interface Change {
  readonly gone: readonly KnownService[];
  readonly added: readonly KnownService[];
}

interface Removal extends Change {
  /** How many services are in force. */
  readonly of: number;
  /** Of the configuration that is wished for. */
  readonly revision: string;
  readonly held: ConfigManifest['held'];
  readonly agreed: Agreement | null;
}

/** `removes` names what would go. */
export type RemovalVerdict = { readonly pass: true } | { readonly pass: false; readonly removes: readonly ServiceName[] };

/**
 * Holds a revision that would remove all services, or more than half of more than three, until a person says yes. A yes to one held
 * revision is not a yes to another one that came meanwhile. What is renamed is not removed.
 */
export function guardRemoval({ gone, added, of, revision, held, agreed }: Removal): RemovalVerdict {
  const removes = removedServices({ gone, added });
  if (!removesTooMuch(removes.length, of)) return { pass: true };
  return agreed && (agreed.revision ?? held?.revision ?? revision) === revision ? { pass: true } : { pass: false, removes };
}

/**
 * Services that are gone. One that is gone while another of the same folder, or else of the same route, is new was renamed; each new
 * one takes the place of one that is gone at most.
 */
function removedServices(change: Change): ServiceName[] {
  const moved = withoutPairs(change, ({ folder }) => folder);
  return withoutPairs(moved, ({ route }) => route).gone.map(({ name }) => name);
}

/** Takes away, pair by pair, what is gone and what is new under the same mark. */
function withoutPairs({ gone, added }: Change, markOf: (service: KnownService) => string | null): Change {
  const left = [...added];
  const stays = gone.filter((service) => {
    const mark = markOf(service);
    const successor = mark === null ? -1 : left.findIndex((each) => markOf(each) === mark);
    if (successor >= 0) left.splice(successor, 1);
    return successor < 0;
  });
  return { gone: stays, added: left };
}

function removesTooMuch(removed: number, of: number): boolean {
  if (removed === 0) return false;
  return removed === of || (of > 3 && removed > of / 2);
}
