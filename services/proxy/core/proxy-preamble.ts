import { isIPv4 } from 'node:net';
import type { ProxyProtocol } from './port-table.ts';

/** The two ends of a connection, as its socket tells them. */
interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** "\r\n\r\n\0\r\nQUIT\n", by which version 2 is recognised. */
const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const versionAndProxy = 0x21;
const versionAndLocal = 0x20;

/** An IPv4 address as such, where the socket speaks IPv6 (RFC 4291 §2.5.5.2); without the zone of one. */
export function bareAddress(address = ''): string {
  const [bare = ''] = address.split('%', 1);
  return bare.toLowerCase().startsWith('::ffff:') && isIPv4(bare.slice(7)) ? bare.slice(7) : bare;
}

/** What a target is told of the client before the client's own first byte. */
export function proxyPreamble(version: ProxyProtocol, ends: Ends): Buffer {
  const [from, to] = [bareAddress(ends.remoteAddress), bareAddress(ends.localAddress)];
  const { remotePort = 0, localPort = 0 } = ends;
  const known = from !== '' && to !== '';
  const isPlain = isIPv4(from) && isIPv4(to);
  if (version === 'v1') {
    const told = known
      ? `${isPlain ? 'TCP4' : 'TCP6'} ${widened(from, isPlain)} ${widened(to, isPlain)} ${remotePort} ${localPort}`
      : 'UNKNOWN';
    return Buffer.from(`PROXY ${told}\r\n`, 'latin1');
  }
  // The client left at once: about nobody there is nothing to tell.
  if (!known) return Buffer.concat([signature, Buffer.from([versionAndLocal, 0, 0, 0])]);
  const bytes = isPlain ? bytesOfIpv4 : bytesOfIpv6;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(remotePort, 0);
  ports.writeUInt16BE(localPort, 2);
  const body = Buffer.concat([bytes(from), bytes(to), ports]);
  return Buffer.concat([signature, Buffer.from([versionAndProxy, isPlain ? 0x11 : 0x21, 0, body.length]), body]);
}

/** Both addresses have to be of one family. */
function widened(address: string, isPlain: boolean): string {
  return !isPlain && isIPv4(address) ? `::ffff:${address}` : address;
}

function bytesOfIpv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function bytesOfIpv6(address: string): Buffer {
  if (isIPv4(address)) return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), bytesOfIpv4(address)]);
  const [head = '', tail] = address.split('::');
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => 0);
  return Buffer.from([...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [one = 0, two = 0, three = 0, four = 0] = group.split('.').map(Number);
    return [one * 256 + two, three * 256 + four];
  });
}
