import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startRawUpstream } from './raw-http.ts';
import { cutAt, eachByte, sendPieces } from './send-pieces.ts';

describe('pieces', () => {
  for (const pieces of [eachByte('hello'), cutAt('hello', 2), ['hello']]) {
    it(`are read one by one: ${pieces.join('|')}`, async (t) => {
      const read: string[] = [];
      const upstream = await startRawUpstream((socket) =>
        socket.on('data', (bytes) => {
          read.push(bytes.toString('latin1'));
          if (read.join('') === 'hello') socket.end('bye');
        }),
      );
      t.after(async () => await upstream.close());
      assert.equal(await sendPieces(upstream.port, pieces), 'bye');
      assert.deepEqual(read, pieces);
    });
  }
});
