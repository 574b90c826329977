import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rolloutTo, service } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { traceOf } from './write-record.ts';

const entry = { key: 'k', revision: 1, writtenAt: new Date(0) };

describe('a log line about a service', () => {
  it('names its rollout, and the event that led to that', () => {
    const rollout = { ...rolloutTo('v2'), causationid: 'image.updated/1' };
    const record = { ...entry, value: { node, service, serving: null, rollout } };
    assert.deepEqual(traceOf({ service, record }), { service, correlationid: rollout.id, event: 'image.updated/1' });
  });

  it('names the service alone when nothing is under way', () => {
    assert.deepEqual(traceOf({ service, record: null }), { service, correlationid: undefined, event: undefined });
  });
});
