import { createReadStream } from 'node:fs';
import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';
import type { ConnectionEnds } from '../ports.ts';

const tableOfIPv4 = '/proc/net/tcp';
const tableOfIPv6 = '/proc/net/tcp6';
/** Number, both ends, state and `tx_queue`: what was written and not confirmed, sent or not (`get_tcp4_sock` in `net/ipv4/tcp_ipv4.c`). */
const row = /^ *\d+: (\S+ \S+) \S+ ([\dA-F]+):/;

/**
 * Asks the tables of this network namespace, one read of each for however many connections, as far as the last of those. Only Linux has
 * them: elsewhere nothing is known.
 */
export async function sendQueues(connections: readonly ConnectionEnds[]): Promise<ReadonlyMap<ConnectionEnds, number>> {
  const wanted = new Map(connections.map((connection) => [tableName(connection), connection]));
  const found = new Map<ConnectionEnds, number>();
  // A listener for both families has its IPv4 clients among those of IPv6.
  for (const path of new Set(connections.map(({ localAddress = '' }) => (isIPv4(localAddress) ? tableOfIPv4 : tableOfIPv6)))) {
    for await (const lines of linesOf(path)) {
      for (const line of lines) {
        const [, ends = '', bytes = ''] = row.exec(line) ?? [];
        const connection = wanted.get(ends);
        if (connection) found.set(connection, Number.parseInt(bytes, 16));
      }
      if (found.size === wanted.size) return found;
    }
  }
  return found;
}

/** Both ends as the tables write them: addresses in words of 32 bits, as this processor keeps them in memory, and ports as numbers. */
export function tableName({ localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: ConnectionEnds): string {
  return `${endName(localAddress, localPort)} ${endName(remoteAddress, remotePort)}`;
}

function endName(address: string, port: number): string {
  const bytes = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  if (endianness() === 'LE') bytes.swap32();
  return `${bytes.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** Without the interface that a link-local address names. */
function ipv6Bytes(address: string): Buffer {
  const [bare = ''] = address.split('%');
  if (!URL.canParse(`http://[${bare}]`)) return Buffer.alloc(0);
  // Makes of the notations that there are the one with groups of 16 bits alone.
  const [left = [], right = []] = new URL(`http://[${bare}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** As many as came: there is one for each connection of the host, and to wait for each takes longer than to read it. None when the table cannot be read. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'latin1')) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      yield lines;
    }
  } catch {
    return;
  }
}
