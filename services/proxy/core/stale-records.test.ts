import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord } from '@kedge/shared/contracts';
import { isStaleRecord } from './stale-records.ts';

const heartbeatAt = '2026-01-01T00:00:00.000Z';
const after = (minutes: number) => new Date(Date.parse(heartbeatAt) + minutes * 60_000);

function record(goodbye: boolean): ProxyRecord {
  return ProxyRecord.parse({
    node: 'local',
    instance: 'p1',
    container: null,
    startedAt: heartbeatAt,
    heartbeatAt,
    beats: 1,
    goodbye,
    applied: {},
    open: {},
  });
}

describe('records of proxies that are gone', () => {
  it('are kept while a reconciler may still read them', () => {
    assert.equal(isStaleRecord(record(true), after(9)), false);
    assert.equal(isStaleRecord(record(false), after(59)), false);
  });

  it('go ten minutes after goodbye, and after an hour of silence', () => {
    assert.equal(isStaleRecord(record(true), after(11)), true);
    assert.equal(isStaleRecord(record(false), after(61)), true);
  });
});
