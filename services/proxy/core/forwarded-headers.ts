import { specialName } from './header-names.ts';
import type { RequestFacts } from './read-request-head.ts';

/** The one who asks, as seen from the listener. */
export interface Peer {
  readonly address: string;
  readonly protocol: 'http' | 'https';
}

interface Forwarding {
  readonly facts: RequestFacts;
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
  /** True: a proxy of ours stands before this one, so what it says about the client is believed and extended. */
  readonly trust: boolean;
}

/**
 * The headers that an upstream gets, names and values taking turns: those of the client without what ends at this hop, and who asked
 * for what. `Host` stays as the client sent it (RFC 9112 §3.2.2 for the absolute form). Framing headers follow the body:
 * `Content-Length` passes, chunks are made anew.
 */
export function forwardHeaders({ facts, rawHeaders, peer, trust }: Forwarding): string[] {
  const headers: string[] = ['Host', facts.authority];
  let forwardedFor = '';
  let realIp = '';
  let forwardedProto = '';
  let forwardedHost = '';

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const special = specialName(name);
    // In other spellings they are the client's: a proxy before this one leaves them as they are.
    if (special !== null && name.includes('_')) continue;
    switch (special) {
      case null:
        if (facts.dropped === null || !facts.dropped.has(name.toLowerCase())) headers.push(name, value);
        break;
      case 'content-length':
      case 'expect':
        headers.push(name, value);
        break;
      case 'forwarded':
      case 'x-forwarded-port':
      case 'x-forwarded-prefix':
        if (trust) headers.push(name, value);
        break;
      case 'x-forwarded-for':
        forwardedFor = forwardedFor === '' ? value : `${forwardedFor}, ${value}`;
        break;
      case 'x-real-ip':
        realIp = value;
        break;
      case 'x-forwarded-proto':
        forwardedProto = forwardedProto === '' ? value : `${forwardedProto}, ${value}`;
        break;
      case 'x-forwarded-host':
        forwardedHost = value;
        break;
      default:
        break; // host is written above; the others are only about this hop
    }
  }

  if (facts.acceptsTrailers) headers.push('TE', 'trailers');
  if (facts.body === 'chunked') headers.push('Transfer-Encoding', 'chunked');
  headers.push(
    'X-Forwarded-For',
    trust && forwardedFor !== '' ? `${forwardedFor}, ${peer.address}` : peer.address,
    'X-Real-IP',
    trust && realIp !== '' ? realIp : peer.address,
    'X-Forwarded-Proto',
    trust && forwardedProto !== '' ? forwardedProto : peer.protocol,
    'X-Forwarded-Host',
    trust && forwardedHost !== '' ? forwardedHost : facts.authority,
  );
  return headers;
}

/**
 * How the client asked: as the proxies before this one say where they are believed, else as it came in. Each of them may add what it saw itself,
 * behind what was there: the client's is the first.
 */
export function askedProtocol({ rawHeaders, peer, trust }: Pick<Forwarding, 'rawHeaders' | 'peer' | 'trust'>): string {
  if (!trust) return peer.protocol;
  const lines = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-forwarded-proto');
  const [said] = lines.flatMap((line) => line.split(',')).flatMap((each) => each.trim().toLowerCase() || []);
  // A WebSocket by TLS, as some proxies name it.
  return said === 'wss' ? 'https' : (said ?? peer.protocol);
}

interface WrittenHead {
  readonly method: string;
  readonly path: string;
  /** Names and values take turns. */
  readonly headers: readonly string[];
}

/** The request head as it goes over the wire, without the empty line that ends it. */
export function writeRequestHead({ method, path, headers }: WrittenHead): string {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return head;
}

/** An IPv4 client of a dual-stack listener shows as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2); upstreams expect the plain form. */
export function plainAddress(remoteAddress: string): string {
  return remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.') ? remoteAddress.slice('::ffff:'.length) : remoteAddress;
}
