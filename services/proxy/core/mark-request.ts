import { isIPv6 } from 'node:net';
import type { ProxySettings } from '@kedge/shared/contracts';
import type { Peer } from './forwarded-headers.ts';
import { withoutHeaders } from './header-edits.ts';

/** What targets are told of a request beside who asked. */
export interface Marks {
  readonly forwarded: boolean;
  readonly requestId: boolean;
  readonly traceparent: boolean;
}

/** Null for nothing. */
export function marksOf({ forwarded = false, request_id: requestId = true, traceparent = true }: ProxySettings): Marks | null {
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
  const given = findGiven(headers);
  const replaced: string[] = [];
  const added: string[] = [];
  if (marks.requestId && !isRequestId(given)) {
    if (given.ids > 0) replaced.push('x-request-id');
    added.push('X-Request-Id', newId());
  }
  // Who continues a trace passes it on as it is; what is not valid is as good as none, and then its state is as well.
  if (marks.traceparent && !isTrace(given)) {
    if (given.traces > 0 || given.hasState) replaced.push('traceparent', 'tracestate');
    added.push('traceparent', `00-${plainId(newId)}-${plainId(newId).slice(-16)}-01`);
  }
  // Behind those of proxies before this one, which are believed if they are still there.
  if (marks.forwarded) added.push('Forwarded', forwardedElement(peer, authority));
  if (added.length === 0) return headers;
  const kept = replaced.length === 0 ? headers : withoutHeaders(headers, new Set(replaced));
  return [...kept, ...added];
}

/** What the client said of it, and how often. */
interface Given {
  readonly id: string;
  readonly ids: number;
  readonly trace: string;
  readonly traces: number;
  readonly hasState: boolean;
}

const idLength = 'x-request-id'.length;
const traceLength = 'traceparent'.length;
const stateLength = 'tracestate'.length;

function findGiven(headers: readonly string[]): Given {
  let [id, ids, trace, traces, hasState] = ['', 0, '', 0, false];
  for (let index = 0; index < headers.length; index += 2) {
    const written = headers[index] ?? '';
    const { length } = written;
    if (length !== idLength && length !== traceLength && length !== stateLength) continue;
    const name = written.toLowerCase().replaceAll('_', '-');
    // What some programs take for it is not it.
    const value = written.includes('_') ? '' : (headers[index + 1] ?? '');
    if (name === 'x-request-id') [id, ids] = [value, ids + 1];
    else if (name === 'traceparent') [trace, traces] = [value, traces + 1];
    else if (name === 'tracestate') hasState = true;
  }
  return { id, ids, trace, traces, hasState };
}

const requestIdForm = /^[\w.~:+/=@-]{1,128}$/;

function isRequestId({ id, ids }: Given): boolean {
  return ids === 1 && requestIdForm.test(id);
}

/** https://www.w3.org/TR/trace-context/#traceparent-header, also of later versions. */
const traceForm = /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** Only later versions may have more behind. */
function isTrace({ trace, traces }: Given): boolean {
  const [, version, more] = traces === 1 ? (traceForm.exec(trace) ?? []) : [];
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
