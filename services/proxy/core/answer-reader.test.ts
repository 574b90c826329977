import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AnswerProgress, AnswerReader } from './answer-reader.ts';

interface Heard {
  readonly interim: readonly number[];
  readonly status: number | null;
  readonly body: string;
  readonly trailers: readonly string[];
  readonly kind: AnswerProgress['kind'];
  /** Bytes that belong to no answer. */
  readonly extra: string;
}

/** Reads `text` in pieces that end at `cuts`. */
function readInPieces(text: string, { cuts, method = 'GET' }: { readonly cuts: readonly number[]; readonly method?: string }): Heard {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new AnswerReader(method);
  const interim: number[] = [];
  let status: number | null = null;
  let body = '';
  let at = 0;
  for (const cut of [...new Set([...cuts, bytes.length])].toSorted((left, right) => left - right)) {
    if (cut === at) continue;
    const progress = reader.read(bytes.subarray(at, cut), {
      onInformation: (head) => void interim.push(head.status),
      onHead: (head) => {
        status = head.status;
      },
      onData: (data) => {
        body += data.toString('latin1');
        return true;
      },
    });
    at = cut;
    if (progress.kind === 'more') continue;
    if (progress.kind !== 'done') return { interim, status, body, trailers: [], kind: progress.kind, extra: '' };
    const extra = text.slice(at - progress.extra);
    const { end } = progress;
    if (end.kind === 'whole') return { interim, status: end.head.status, body: end.body, trailers: [], kind: 'done', extra };
    return { interim, status, body, trailers: end.trailers, kind: 'done', extra };
  }
  return { interim, status, body, trailers: [], kind: 'more', extra: '' };
}

const next = 'HTTP/1.1 200 OK\r\n';
const whole: readonly (readonly [string, string, Partial<Heard>])[] = [
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { status: 200, body: 'hello' }],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', { body: 'hello' }],
  [
    'with trailers',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    { body: 'ok', trailers: ['X-Sum', '1'] },
  ],
  ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
  [
    'after interim ones',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n',
    { interim: [100, 103] },
  ],
];

describe('reading an answer', () => {
  for (const [what, text, expected] of whole) {
    it(`${what} gives the same at whatever bytes it is cut in two, and stops at its end`, () => {
      for (let cut = 0; cut < text.length; cut += 1) {
        const heard = readInPieces(text + next, { cuts: [cut, text.length] });
        assert.deepEqual({ ...heard, ...expected }, heard, `cut at ${cut}`);
        assert.equal(heard.kind, 'done');
      }
      const heard = readInPieces(text + next, { cuts: [] });
      assert.deepEqual({ ...heard, ...expected, extra: next }, heard, 'in one piece, with more behind it');
    });
  }

  it('gives the same however it is cut', () => {
    const texts = fc.constantFrom(...whole.map(([, text]) => text));
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 120 })), (text, cuts) => {
        const inside = cuts.filter((cut) => cut < text.length);
        assert.deepEqual(readInPieces(text, { cuts: inside }), readInPieces(text, { cuts: [] }));
      }),
    );
  });

  it('never mixes an answer with what follows it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,30}$/), fc.string(), (body, after) => {
        const { body: heard, extra } = readInPieces(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}${after}`, {
          cuts: [],
        });
        assert.deepEqual([heard, extra], [body, after]);
      }),
    );
  });

  it('to HEAD has no body, whatever its length says', () => {
    assert.equal(readInPieces('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { cuts: [], method: 'HEAD' }).kind, 'done');
  });

  it('without a length ends with the connection', () => {
    const reader = new AnswerReader('GET');
    assert.equal(reader.atClose(), null);
    const sink = { onInformation: () => undefined, onHead: () => undefined, onData: () => true };
    reader.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello'), sink);
    assert.equal(reader.atClose()?.kind, 'end');
  });

  it('with a length is cut off by the end of the connection', () => {
    const reader = new AnswerReader('GET');
    reader.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'), {
      onInformation: () => undefined,
      onHead: () => undefined,
      onData: () => true,
    });
    assert.equal(reader.atClose(), null);
  });

  const refused: readonly (readonly [string, string, Heard['kind']])[] = [
    ['is none', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'bad'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'bad'],
    ['has a head without end', `HTTP/1.1 200 OK\r\nX-Long: ${'a'.repeat(66_000)}`, 'bad'],
    ['has broken chunks in its first bytes', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'bad'],
  ];
  for (const [what, text, kind] of refused) {
    it(`refuses one that ${what}`, () => assert.equal(readInPieces(text, { cuts: [] }).kind, kind));
  }

  it('tells what broke off after its head from what never was an answer', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n';
    assert.equal(readInPieces(text, { cuts: [text.length - 4] }).kind, 'broken');
  });

  it('says when the sink takes no more', () => {
    const reader = new AnswerReader('GET');
    const progress = reader.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'), {
      onInformation: () => undefined,
      onHead: () => undefined,
      onData: () => false,
    });
    assert.deepEqual(progress, { kind: 'more', goOn: false });
  });
});
