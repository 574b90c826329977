import { isIPv6 } from 'node:net';
import type { ProxySettings } from '@kedge/shared/contracts';
import type { Peer } from './forwarded-headers.ts';
import { withoutHeaders } from './header-edits.ts';

/** What targets are told of a request on demand. */
export interface Marks {
  readonly forwarded: boolean;
  readonly requestId: boolean;
  readonly traceparent: boolean;
}

/** Null for nothing. */
export function marksOf({ forwarded = false, request_id: requestId = false, traceparent = false }: ProxySettings): Marks | null {
  return forwarded || requestId || traceparent ? { forwarded, requestId, traceparent } : null;
}

interface Marking {
  readonly marks: Marks;
  readonly peer: Peer;
  readonly authority: string;
  /** Makes a new UUID. */
  readonly newId: () => string;
}

/** The headers of a target, with those marks that are wanted; names and values take turns. */
export function markRequest(headers: readonly string[], { marks, peer, authority, newId }: Marking): readonly string[] {
  let marked = headers;
  if (marks.requestId) marked = withRequestId(marked, newId);
  if (marks.traceparent) marked = withTraceparent(marked, newId);
  // Behind those of proxies before this one, which are believed if they are still there.
  return marks.forwarded ? [...marked, 'Forwarded', forwardedElement(peer, authority)] : marked;
}

const requestIdForm = /^[\w.~:+/=@-]{1,128}$/;
const requestIdNames: ReadonlySet<string> = new Set(['x-request-id']);

function withRequestId(headers: readonly string[], newId: () => string): readonly string[] {
  const [given = '', ...more] = valuesOf(headers, 'x-request-id');
  const id = more.length === 0 && requestIdForm.test(given) ? given : newId();
  return [...withoutHeaders(headers, requestIdNames), 'X-Request-Id', id];
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, also of later versions. */
const traceForm = /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const traceNames: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** Who continues a trace passes it on as it is; what is not valid is as good as none, and then its state is as well. */
function withTraceparent(headers: readonly string[], newId: () => string): readonly string[] {
  const [given = '', ...more] = valuesOf(headers, 'traceparent');
  if (more.length === 0 && isTrace(given)) return headers;
  const [trace, parent] = [plainId(newId), plainId(newId).slice(-16)];
  return [...withoutHeaders(headers, traceNames), 'traceparent', `00-${trace}-${parent}-01`];
}

/** Only later versions may have more behind. */
function isTrace(text: string): boolean {
  const [, version, more] = traceForm.exec(text) ?? [];
  return version !== undefined && (version !== '00' || more === undefined);
}

function plainId(newId: () => string): string {
  return newId().replaceAll('-', '');
}

/** RFC 7239 §4. */
function forwardedElement({ address, protocol }: Peer, authority: string): string {
  const host = authority === '' ? '' : `;host=${quoted(authority)}`;
  return `for=${quoted(isIPv6(address) ? `[${address}]` : address)}${host};proto=${protocol}`;
}

/** What is no token (RFC 9110 §5.6.2) stands in quotes. */
function quoted(text: string): string {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);
}
