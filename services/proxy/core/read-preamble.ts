import { Buffer } from 'node:buffer';
import { isIPv4, isIPv6 } from 'node:net';

/** What the first bytes of a connection say of the client behind who connected (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). */
export type Preamble =
  /** They may become one. */
  | { readonly kind: 'more' }
  /** They are none. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** What the client said begins after `length` bytes; null: nothing is told of it, so it is who connected. */
  | { readonly kind: 'done'; readonly length: number; readonly client: { readonly address: string; readonly port: number } | null };

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const firstVersion = Buffer.from('PROXY ', 'latin1');
/** With its line end. */
const longestLine = 107;
/** Of version 2, without what it has in front of its length. */
const longestBody = 2_048;
const more: Preamble = { kind: 'more' };

/** Reads version 1 or 2, however few bytes there are of it. */
export function readPreamble(bytes: Buffer): Preamble {
  if (beginsAs(bytes, signature)) return bytes.length < signature.length + 4 ? more : readBinary(bytes);
  if (beginsAs(bytes, firstVersion)) return readLine(bytes);
  return bad('it does not begin with one');
}

/** Whether it is that as far as it goes. */
function beginsAs(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.subarray(0, length).equals(expected.subarray(0, length));
}

function readLine(bytes: Buffer): Preamble {
  const end = bytes.indexOf('\r\n', 0, 'latin1');
  if (end < 0) return bytes.length < longestLine ? more : bad('its line is too long');
  const length = end + 2;
  if (length > longestLine) return bad('its line is too long');
  const [, family = '', from = '', to = '', ...ports] = bytes.toString('latin1', 0, end).split(' ');
  if (family === 'UNKNOWN') return { kind: 'done', length, client: null };
  const isOf = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  if (!isOf(from) || !isOf(to) || ports.length !== 2 || !ports.every(isPort)) return bad('its line is not valid');
  return { kind: 'done', length, client: { address: from, port: Number(ports[0]) } };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) < 65_536;
}

function readBinary(bytes: Buffer): Preamble {
  const start = signature.length;
  const [command, family] = [bytes.readUInt8(start), bytes.readUInt8(start + 1)];
  const bodyLength = bytes.readUInt16BE(start + 2);
  if (command >> 4 !== 2) return bad('its version is not known');
  if (bodyLength > longestBody) return bad('it is too long');
  const body = start + 4;
  const length = body + bodyLength;
  if (bytes.length < length) return more;
  switch (command & 0xf) {
    case 0: // LOCAL: who connected speaks for itself
      return { kind: 'done', length, client: null };
    case 1:
      return readAddresses(bytes.subarray(body, length), { family, length });
    default:
      return bad('its command is not known');
  }
}

/** Further fields behind the addresses are passed over. */
function readAddresses(body: Buffer, { family, length }: { readonly family: number; readonly length: number }): Preamble {
  if (family === 0x11) {
    if (body.length < 12) return bad('it is too short for its addresses');
    return { kind: 'done', length, client: { address: body.subarray(0, 4).join('.'), port: body.readUInt16BE(8) } };
  }
  if (family === 0x21) {
    if (body.length < 36) return bad('it is too short for its addresses');
    return { kind: 'done', length, client: { address: textOfIpv6(body.subarray(0, 16)), port: body.readUInt16BE(32) } };
  }
  // Another family, or none: the connection is served, and nothing is told of its client.
  return { kind: 'done', length, client: null };
}

/** As RFC 5952 has it, except that no zeros are left out. */
function textOfIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  return isMapped ? `::ffff:${bytes.subarray(12).join('.')}` : groups.join(':');
}

function bad(reason: string): Preamble {
  return { kind: 'bad', reason };
}
