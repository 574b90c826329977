import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lastLines, outputPieces } from './log-lines.ts';

type Source = 'stdout' | 'stderr';

function frame(source: Source, text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = source === 'stderr' ? 2 : 1;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function* cut(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const end of [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].toSorted((one, other) => one - other)) {
    yield bytes.subarray(from, end);
    from = end;
  }
}

const generous = { lines: 1_000, bytes: 1_000_000 };

function read(
  frames: readonly Buffer[],
  { bounds = generous, cuts = [], terminal = false }: { bounds?: typeof generous; cuts?: readonly number[]; terminal?: boolean } = {},
) {
  return lastLines(outputPieces(cut(Buffer.concat(frames), cuts), { terminal }), bounds);
}

describe('output of a container', () => {
  it('is cut into lines and otherwise left as it is', async () => {
    assert.deepEqual(await read([frame('stdout', ' one \n\ntwo\r\n'), frame('stderr', '\u001b[31mred\n'), frame('stdout', 'open')]), [
      ' one ',
      '',
      'two\r',
      '\u001b[31mred',
      'open',
    ]);
    assert.deepEqual(await read([]), []);
  });

  it('joins a line that the engine split, also in the middle of a letter, and does not mix the streams', async () => {
    const letter = Buffer.from('ä');
    const frames = [
      frame('stdout', Buffer.concat([Buffer.from('a'), letter.subarray(0, 1)])),
      frame('stderr', 'error\n'),
      frame('stdout', Buffer.concat([letter.subarray(1), Buffer.from('b\n')])),
    ];
    assert.deepEqual(await read(frames), ['error', 'aäb']);
  });

  it('is the same wherever the connection cuts it', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom<Source>('stdout', 'stderr'), line)), fc.array(fc.nat()), async (lines, cuts) => {
        const frames = lines.map(([source, text]) => frame(source, `${text}\n`));
        assert.deepEqual(
          await read(frames, { cuts }),
          lines.map(([, text]) => Buffer.from(text).toString()),
        );
      }),
    );
  });

  it('keeps the last lines and the last bytes', async () => {
    const frames = [frame('stdout', 'one\ntwo\nthree\n')];
    assert.deepEqual(await read(frames, { bounds: { lines: 2, bytes: 100 } }), ['two', 'three']);
    assert.deepEqual(await read(frames, { bounds: { lines: 10, bytes: 8 } }), ['two', 'three']);
    assert.deepEqual(await read(frames, { bounds: { lines: 10, bytes: 3 } }), ['ree']);
    assert.deepEqual(await read([frame('stdout', 'endless'), frame('stdout', ' line')], { bounds: { lines: 10, bytes: 6 } }), ['s line']);
  });

  it('has no frames on a terminal', async () => {
    assert.deepEqual(await read([Buffer.from('{"a":1}\r\nx')], { terminal: true, cuts: [3] }), ['{"a":1}\r', 'x']);
  });
});
