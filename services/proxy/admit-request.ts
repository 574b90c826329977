import type { IncomingMessage } from 'node:http';
import { forwardHeaders, plainAddress } from './core/forwarded-headers.ts';
import { type Refusal, type RequestFacts, readRequestHead } from './core/read-request-head.ts';
import type { Routes } from './routes.ts';

/** What becomes of a request before anything of it reaches a target. */
export type Admission =
  /** `headers` are those that the target gets; names and values take turns. */
  | { readonly kind: 'admitted'; readonly facts: RequestFacts; readonly headers: string[] }
  | Refusal
  /** The client went away meanwhile. */
  | { readonly kind: 'gone' };

/** Judges the head of a request, whether it is to be answered or upgraded. */
export function admitRequest(request: IncomingMessage, routes: Pick<Routes, 'current'>): Admission {
  const { rawHeaders, httpVersion, method = 'GET', url: target = '/' } = request;
  const facts = readRequestHead({ method, target, httpVersion, rawHeaders });
  if (facts.kind === 'refuse') return facts;
  const address = request.socket.remoteAddress;
  if (address === undefined) return { kind: 'gone' };
  const trust = routes.current()?.trustForwarded ?? false;
  const headers = forwardHeaders({ facts, rawHeaders, peer: { address: plainAddress(address), protocol: 'http' }, trust });
  return { kind: 'admitted', facts, headers };
}
