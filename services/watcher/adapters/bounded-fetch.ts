import { wait } from '@kedge/shared/kernel';
import { describeFault } from '../core/images/connection-fault.ts';
import { isLoopbackName } from '../core/images/registry-address.ts';
import type { Trouble } from '../core/images/registry-answer.ts';
import { codeOf } from './code-of.ts';
import { fetchUnverified, type UnreadResponse } from './fetch-unverified.ts';

/** Connecting, and the answer's head. */
const headMs = 10_000;
/** The whole exchange. */
const wholeMs = 30_000;
const mostRedirects = 3;

/** One exchange: 10 s to the head of the answer, 30 s as a whole. */
export interface BoundedRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer answer is refused. */
  readonly largestBytes: number;
  /** Whether a redirect to there is followed; absent: none is. */
  readonly mayFollow?: (target: URL) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Any answer, whatever its status. */
export interface HttpAnswer {
  readonly kind: 'http';
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * One HTTP exchange with bounds on time and size. The certificate of a host that is this machine by name is not verified, as Docker does it
 * for 127.0.0.0/8: no authority gives one out for it. What goes wrong is an answer; it rejects only when `signal` aborts.
 */
export async function boundedFetch(request: BoundedRequest): Promise<HttpAnswer | Trouble> {
  let { url, headers } = request;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await exchange({ ...request, url, headers });
    const location = answer.kind === 'http' && [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.get('location') : null;
    if (location === null) return answer;
    const target = URL.canParse(location, url) ? new URL(location, url) : null;
    const isAllowed = target?.protocol === url.protocol && redirects < mostRedirects && (await request.mayFollow?.(target));
    if (!target || !isAllowed) {
      return badAnswer(request.url, 'it redirects to where it must not');
    }
    // What proves who we are is for the host that asked for it.
    if (target.host !== url.host) headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
    url = target;
  }
}

async function exchange({ url, method, headers, body, largestBytes, signal }: BoundedRequest): Promise<HttpAnswer | Trouble> {
  const late = new AbortController();
  const arrived = new AbortController();
  void wait(headMs, arrived.signal).then((isLate) => isLate && late.abort());
  const whole = AbortSignal.timeout(wholeMs);
  try {
    const request = {
      method,
      headers: { 'user-agent': 'kedge-watcher', 'accept-encoding': 'identity', ...headers },
      signal: AbortSignal.any([signal, late.signal, whole]),
      ...(body === undefined ? {} : { body }),
    };
    const isUnverified = url.protocol === 'https:' && isLoopbackName(url.hostname);
    const response = await (isUnverified ? fetchUnverified(url, request) : fetch(url, { ...request, redirect: 'manual' }));
    arrived.abort();
    const bytes = await readBody(response, largestBytes);
    if (!bytes) return badAnswer(url, `its answer is longer than ${largestBytes} bytes`);
    return { kind: 'http', status: response.status, headers: response.headers, body: bytes };
  } catch (thrown) {
    signal.throwIfAborted();
    const reason = late.signal.aborted || whole.aborted ? 'no answer in time' : describeFault(codeOf(thrown));
    return { kind: 'trouble', code: 'REGISTRY_UNREACHABLE', message: `${url.host} cannot be reached: ${reason}` };
  } finally {
    arrived.abort();
  }
}

/** Null when there is more than allowed. */
async function readBody(response: UnreadResponse, largestBytes: number): Promise<Uint8Array | null> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > largestBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The trouble of a host that answers what it must not. `reason` says the same as long as the fault is the same. */
export function badAnswer(url: URL, reason: string): Trouble {
  return { kind: 'trouble', code: 'REGISTRY_BAD_ANSWER', message: `${url.host} answered nonsense: ${reason}` };
}
