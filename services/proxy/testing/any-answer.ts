import fc from 'fast-check';
import { eachByte } from './send-pieces.ts';

/** What an upstream says to one request, and how it is cut into pieces. */
export interface Said {
  readonly method: 'GET' | 'HEAD';
  /** One answer, or something near to one. */
  readonly bytes: string;
  /** Where `bytes` are cut; empty: not at all. */
  readonly cuts: readonly number[];
  readonly byteByByte: boolean;
  /** What nobody asked for, behind it. */
  readonly behind: string;
  /** Whether it hangs up at once. */
  readonly hangsUp: boolean;
}

/** The pieces that it is sent in. */
export function piecesOf({ bytes, cuts, byteByByte, behind }: Said): readonly string[] {
  const all = bytes + behind;
  if (byteByByte) return eachByte(all);
  const places = [0, ...[...new Set(cuts)].sort((one, other) => one - other), all.length];
  return places.slice(1).map((place, index) => all.slice(places[index], place));
}

const status = fc.constantFrom(200, 200, 200, 201, 204, 206, 301, 304, 404, 426, 500, 599, 101, 199, 600);
const interim = fc.constantFrom('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
const header = fc.constantFrom(
  'X-A: b',
  'x-a:',
  'Set-Cookie: a=1',
  'Set-Cookie: b=2; Path=/',
  'Content-Type: text/plain',
  'X-Latin: \xe0\xff',
  'Connection: close',
  'Connection: keep-alive, x-a',
  'Connection: Content-Length',
  'Keep-Alive: timeout=5',
  'Upgrade: h2c',
  'Trailer: X-Sum',
);
/** What a body may hold that looks like something else. */
const text = fc
  .array(fc.constantFrom('a', 'bc', '\r\n', '\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '\0', '\xff'), { maxLength: 6 })
  .map((parts) => parts.join(''));
const chunk = fc.tuple(text, fc.constantFrom('', '', ';a=b', ' ', ';a="\t"'), fc.boolean(), fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, -1));
const trailer = fc.constantFrom('X-Sum: 1', 'X-End: a b', 'Content-Length: 1', 'Connection: close');
const framing = fc.oneof(
  fc.tuple(fc.constantFrom('none', 'length', 'length', 'twice', 'both'), text),
  fc.tuple(fc.constant('chunked'), fc.tuple(fc.array(chunk, { maxLength: 3 }), fc.array(trailer, { maxLength: 2 }))),
);
const answer = fc
  .record({
    interim: fc.array(interim, { maxLength: 2 }),
    version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    status,
    reason: fc.constantFrom('OK', '', 'Not \xe4 Word'),
    headers: fc.array(header, { maxLength: 4 }),
    framing,
  })
  .map(({ interim, version, status, reason, headers, framing: [kind, content] }) => {
    const { lines, body } = framed(kind, content);
    const head = `HTTP/${version} ${status} ${reason}\r\n${[...headers, ...lines].map((line) => `${line}\r\n`).join('')}\r\n`;
    return { bytes: `${interim.join('')}${head}${body}`, endsItself: kind !== 'none' && status >= 200 };
  });

type Chunk = readonly [text: string, extension: string, capitals: boolean, tooMuch: number];
type Chunks = readonly [readonly Chunk[], readonly string[]];

function framed(kind: string, content: string | Chunks): { readonly lines: readonly string[]; readonly body: string } {
  if (typeof content !== 'string') {
    const chunks = content[0].filter(([data]) => data !== '').map((each) => `${sizeOf(each)}\r\n${each[0]}\r\n`);
    return {
      lines: ['Transfer-Encoding: chunked'],
      body: `${chunks.join('')}0\r\n${content[1].map((line) => `${line}\r\n`).join('')}\r\n`,
    };
  }
  const length = `Content-Length: ${content.length}`;
  if (kind === 'none') return { lines: [], body: content };
  if (kind === 'length') return { lines: [length], body: content };
  return kind === 'twice'
    ? { lines: [length, length], body: content }
    : { lines: [length, 'Transfer-Encoding: chunked'], body: '0\r\n\r\n' };
}

function sizeOf([data, extension, capitals, tooMuch]: Chunk): string {
  const digits = (data.length + tooMuch).toString(16);
  return `${capitals ? `0${digits.toUpperCase()}` : digits}${extension}`;
}

interface Slip {
  readonly at: number;
  readonly removed: number;
  readonly put: string;
}

const slip = fc.record({
  at: fc.nat(300),
  removed: fc.nat(2),
  put: fc.constantFrom('', '\r', '\n', '\r\n', ' ', '\t', ':', ';', ',', '0', '1', '9', 'a', '\0', '\x7f', '+', '-', 'HTTP/1.1 '),
});

const slips: fc.Arbitrary<readonly Slip[]> = fc.oneof(fc.constant([]), fc.array(slip, { minLength: 1, maxLength: 2 }));

function withSlip(bytes: string, { at, removed, put }: Slip): string {
  const place = at % (bytes.length + 1);
  return bytes.slice(0, place) + put + bytes.slice(place + removed);
}

export const anySaid: fc.Arbitrary<Said> = fc
  .record({
    method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const),
    answer,
    slips,
    /** How many of its last bytes are missing. */
    missing: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
    cuts: fc.array(fc.nat(400), { maxLength: 5 }),
    byteByByte: fc.boolean(),
    behind: fc.constantFrom('', '', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison', '\r\n', 'x'),
    hangsUp: fc.boolean(),
  })
  .map(({ method, answer, slips, missing, cuts, behind, ...rest }) => {
    const slipped = slips.reduce(withSlip, answer.bytes);
    const bytes = slipped.slice(0, Math.max(1, slipped.length - missing));
    // Behind an answer whose end is not certain they would be part of it.
    const extra = missing === 0 && slips.length === 0 && answer.endsItself ? behind : '';
    return { ...rest, method, bytes, behind: extra, cuts: cuts.map((cut) => cut % (bytes.length + extra.length)) };
  });
