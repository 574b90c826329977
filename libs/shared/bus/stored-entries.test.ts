import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStoredEntries } from './stored-entries.ts';
import { message, serverOf } from './testing/direct-server.ts';

type Server = ReturnType<typeof serverOf>;

function entriesOf({ manager }: Server) {
  const kv = { open: async () => await Promise.reject(new Error('not asked here')) };
  return createStoredEntries({ name: 'images', during: async (call) => await call({ manager, kv }) });
}

describe('what a bucket holds', () => {
  it('is told by its keys, with the text as it is stored', async () => {
    const entries = entriesOf(serverOf(() => [message({ seq: 3, key: 'local.web', text: 'anything' })]));
    const [entry] = await entries.last('>');
    assert.deepEqual([entry?.key, entry?.revision, entry?.writtenAt.getTime()], ['local.web', 3, 3]);
    assert.equal(new TextDecoder().decode(entry?.bytes), 'anything');
  });

  it('is neither what was deleted or has expired, nor the epoch', async () => {
    const entries = entriesOf(
      serverOf(() => [
        message({ seq: 1, key: '_epoch' }),
        message({ seq: 2, key: 'gone', marker: ['KV-Operation', 'DEL'] }),
        message({ seq: 3, key: 'purged', marker: ['KV-Operation', 'PURGE'] }),
        message({ seq: 4, key: 'expired', marker: ['Nats-Marker-Reason', 'MaxAge'] }),
        message({ seq: 5, key: 'there' }),
      ]),
    );
    assert.deepEqual(
      (await entries.last('>')).map(({ key }) => key),
      ['there'],
    );
  });

  it('is read in pages when it has more keys than one answer holds, and the last value of each key counts', async () => {
    const server = serverOf(({ multi_last: all, seq }) => {
      if (all) return new Error('too many results requested');
      if (seq === 1) return [message({ seq: 1, key: 'a', text: 'old', pending: 2 }), message({ seq: 4, key: 'b', pending: 1 })];
      return [message({ seq: 9, key: 'a', text: 'new' })];
    });
    const found = await entriesOf(server).last('local.>');
    assert.deepEqual(
      found.map(({ key, revision }) => [key, revision]),
      [
        ['a', 9],
        ['b', 4],
      ],
    );
    const pages = server.asked.slice(1);
    assert.deepEqual(
      pages.map(({ seq, next_by_subj: filter }) => [seq, filter]),
      [
        [1, '$KV.images.local.>'],
        [5, '$KV.images.local.>'],
      ],
    );
  });

  it('keeps of a history what has a value, oldest first', async () => {
    const server = serverOf(() => [
      message({ seq: 1, key: 'app' }),
      message({ seq: 2, key: 'app', marker: ['KV-Operation', 'DEL'] }),
      message({ seq: 7, key: 'app' }),
    ]);
    assert.deepEqual(
      (await entriesOf(server).history('app')).map(({ revision }) => revision),
      [1, 7],
    );
    assert.equal(server.asked[0]?.next_by_subj, '$KV.images.app');
  });

  it('that cannot be read is a reason to try again, or not to', async () => {
    await assert.rejects(entriesOf(serverOf(() => new Error('timeout'))).last('>'), {
      code: 'BUS_UNAVAILABLE',
      message: 'reading images did not work: timeout',
    });
    await assert.rejects(entriesOf(serverOf(() => new Error('Permissions Violation for Publish'))).history('app'), { code: 'BUS_REFUSED' });
  });
});
