import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { createConditionalWrite } from './conditional-write.ts';
import { createWriteWatch } from './write-watch.ts';

const bucket = { create: async () => 1, update: async () => 1, delete: async () => undefined, purge: async () => undefined };

function stage({ closed = false }: { readonly closed?: boolean } = {}) {
  const writes = createWriteWatch();
  const link = { connection: { isClosed: () => closed }, kv: { open: async () => bucket } };
  const conditionally = createConditionalWrite({ name: 'images', during: async (call) => await call(link), writes });
  const failing = (thrown: Error) => conditionally('writing images/app', async () => await Promise.reject(thrown));
  const failTwice = async (thrown: Error) => {
    for (const _ of [1, 2]) await assert.rejects(failing(thrown));
  };
  return { writes, conditionally, failing, failTwice };
}

const refused = (code: number) => new JetStreamApiError({ code: 400, err_code: code, description: 'wrong last sequence' });

describe('a conditional write', () => {
  it('gives the revision of what it wrote', async () => {
    assert.equal(await stage().conditionally('writing images/app', async () => 7), 7);
  });

  for (const code of [JetStreamApiCodes.StreamWrongLastSequence, JetStreamApiCodes.StreamWrongLastSequenceUnknown]) {
    it(`whose condition no longer held (${code}) is no failure: the store answered`, async () => {
      const { writes, failing, failTwice } = stage();
      await failTwice(new Error('timeout'));
      assert.ok(writes.trouble());
      assert.equal(await failing(refused(code)), null);
      assert.equal(writes.trouble(), null);
    });
  }

  it('that failed says what was tried, and is told to the watch', async () => {
    const { writes, failing, failTwice } = stage();
    await failTwice(new Error('no space left'));
    assert.match(writes.trouble()?.message ?? '', /no space left/);
    await assert.rejects(failing(new Error('timeout')), { code: 'BUS_UNAVAILABLE', message: 'writing images/app did not work: timeout' });
    await assert.rejects(failing(refused(10_077)), { code: 'BUS_UNAVAILABLE' });
  });

  it('that failed because we closed the connection tells nothing of the store', async () => {
    const { writes, failTwice } = stage({ closed: true });
    await failTwice(new Error('closed'));
    assert.equal(writes.trouble(), null);
  });
});
