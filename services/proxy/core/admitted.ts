import type { AddressSet } from './address-set.ts';
import type { Peer } from './forwarded-headers.ts';
import type { RequestFacts } from './read-request-head.ts';

/** A request that was found sound, and may be looked for a route. */
export interface Admitted {
  readonly method: string;
  readonly facts: RequestFacts;
  /** As the client sent them; names and values take turns. */
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
  /** True: what the peer says about the client is believed. */
  readonly trust: boolean;
  /** All who are believed. */
  readonly trusts: AddressSet;
  /** Those that a target gets where no rule says otherwise; names and values take turns. */
  readonly headers: readonly string[];
}
