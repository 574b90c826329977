import { randomUUID } from 'node:crypto';
import { noAddress } from './core/address-set.ts';
import type { Admitted } from './core/admitted.ts';
import type { ShortAnswer } from './core/error-page.ts';
import { askedProtocol, forwardHeaders, type Peer } from './core/forwarded-headers.ts';
import { redirectTo } from './core/host-redirect.ts';
import { httpsAddress } from './core/https-redirect.ts';
import { markRequest } from './core/mark-request.ts';
import { type IncomingHead, type Refusal, readRequestHead } from './core/read-request-head.ts';
import type { Surroundings } from './surroundings.ts';

/** A request as it came in, whatever protocol carries it. */
export interface Arrived extends IncomingHead {
  /** Null: the client went away meanwhile. */
  readonly peer: Peer | null;
}

/** What becomes of a request before anything of it reaches a target. */
export type Admission =
  | { readonly kind: 'admitted'; readonly asked: Admitted }
  | Refusal
  /** It has to be asked again by HTTPS. */
  | { readonly kind: 'redirect'; readonly answer: ShortAnswer }
  /** The client went away meanwhile. */
  | { readonly kind: 'gone' };

/** Judges the head of a request, whether it is to be answered or upgraded. */
export function admitRequest(
  arrived: Arrived,
  { routes, httpsPort, maxHeaders }: Pick<Surroundings, 'routes' | 'httpsPort' | 'maxHeaders'>,
): Admission {
  const { rawHeaders, method, peer } = arrived;
  if (rawHeaders.length > maxHeaders * 2) return { kind: 'refuse', status: 431, reason: `there are more than ${maxHeaders} header lines` };
  const facts = readRequestHead(arrived);
  if (facts.kind === 'refuse') return facts;
  if (peer === null) return { kind: 'gone' };
  const table = routes.current();
  const trusts = table?.trusts ?? noAddress;
  const trust = trusts(peer.address);
  const port = httpsPort();
  if (table && port !== null) {
    const protocol = askedProtocol({ rawHeaders, peer, trust });
    const address = httpsAddress({ ...facts, protocol }, { strategy: table.strategy, httpsPort: port });
    if (address !== null) return { kind: 'redirect', answer: redirectTo(address) };
  }
  const forwarded = forwardHeaders({ facts, rawHeaders, peer, trust });
  const marks = table?.marks ?? null;
  const headers = marks === null ? forwarded : markRequest(forwarded, { marks, peer, authority: facts.authority, newId: randomUUID });
  return { kind: 'admitted', asked: { method, facts, rawHeaders, peer, trust, trusts, headers } };
}
