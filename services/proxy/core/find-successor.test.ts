import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord } from '@kedge/shared/contracts';
import { hasSuccessor } from './find-successor.ts';

const since = new Date('2026-01-01T00:00:10Z');

function record(instance: string, rest: Partial<Omit<ProxyRecord, 'instance'>> = {}): ProxyRecord {
  return ProxyRecord.parse({
    node: 'local',
    instance,
    container: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    heartbeatAt: '2026-01-01T00:00:10.050Z',
    beats: 1,
    goodbye: false,
    applied: { web: 'e.1', api: 'e.2' },
    open: {},
    ...rest,
  });
}

const leaving = record('own', { leaving: true });

describe('a proxy that was asked to end', () => {
  const cases: readonly (readonly [string, readonly ProxyRecord[], boolean])[] = [
    ['waits while it is alone', [leaving], false],
    ['goes when another one serves', [leaving, record('other')], true],
    ['goes when the other one knows more', [leaving, record('other', { applied: { web: 'e.9', api: 'e.9', new: 'e.9' } })], true],
    ['waits for one that does not serve everything yet', [leaving, record('other', { applied: { web: 'e.1' } })], false],
    ['does not count on one that leaves too', [leaving, record('other', { leaving: true })], false],
    ['does not count on one that is gone', [leaving, record('other', { goodbye: true })], false],
    ['does not count on one that was not heard since', [leaving, record('other', { heartbeatAt: '2026-01-01T00:00:09.900Z' })], false],
    ['goes when one of several stays', [leaving, record('other', { leaving: true }), record('third')], true],
    ['waits until the store knows that it leaves', [record('own'), record('other')], false],
    ['waits while the store does not know it', [record('other')], false],
  ];
  for (const [title, records, expected] of cases) {
    it(title, () => assert.equal(hasSuccessor({ records, own: 'own', since }), expected));
  }
});
