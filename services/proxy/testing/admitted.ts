import assert from 'node:assert/strict';
import { everyAddress, noAddress } from '../core/address-set.ts';
import type { Admitted } from '../core/admitted.ts';
import { forwardHeaders, type Peer } from '../core/forwarded-headers.ts';
import { readRequestHead } from '../core/read-request-head.ts';

interface Asking {
  readonly method?: string;
  readonly target?: string;
  readonly authority?: string;
  /** Beside `Host`; names and values take turns. */
  readonly headers?: readonly string[];
  readonly peer?: Partial<Peer>;
  readonly trust?: boolean;
}

/** A request for `web.test` that was admitted, as the door would hand it on. */
export function admitted({
  method = 'GET',
  target = '/',
  authority = 'web.test',
  headers = [],
  peer: { address = '127.0.0.1', protocol = 'http' } = {},
  trust = false,
}: Asking = {}): Admitted {
  const rawHeaders = ['Host', authority, ...headers];
  const facts = readRequestHead({ method, target, httpVersion: '1.1', rawHeaders });
  assert.ok(facts.kind === 'forward', JSON.stringify(facts));
  const peer: Peer = { address, protocol };
  const trusts = trust ? everyAddress : noAddress;
  return { method, facts, rawHeaders, peer, trust, trusts, headers: forwardHeaders({ facts, rawHeaders, peer, trust }) };
}
