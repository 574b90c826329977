import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { entriesOf, JobDue, type Subject, subjects } from '../contracts/index.ts';
import { decodeCommand, decodeEvent, encodeStrictly } from './codec.ts';

const instant = '2026-01-01T00:00:00.000Z';
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const contract = { schema: JobDue, what: 'job.due' };
const event = {
  specversion: '1.0',
  id: '1',
  source: 'scheduler/x',
  type: 'job.due.v1',
  time: instant,
  kedgenode: 'local',
  data: { service: 'job', instant },
};

describe('reading and writing messages', () => {
  it('is strict out: unknown fields and wrong types are refused', () => {
    assert.throws(() => encodeStrictly({ service: 'job', instant, more: 1 }, contract), { code: 'CONTRACT_VIOLATION' });
    assert.throws(() => encodeStrictly({ service: 'job' }, contract), { code: 'CONTRACT_VIOLATION' });
    assert.ok(encodeStrictly({ service: 'job', instant }, contract).length > 0);
  });

  it('is tolerant in: unknown fields are dropped', () => {
    const parsed = decodeEvent('job.due', bytes({ ...event, traceparent: 'x', data: { ...event.data, more: 1 } }));
    assert.deepEqual(parsed.ok && parsed.value.data, event.data);
  });

  it('takes a command as bare JSON', () => {
    const parsed = decodeCommand('deploy.requested', bytes({ service: 'web' }), { id: 'i', time: new Date(instant), node: 'local' });
    assert.equal(parsed.ok && parsed.value.id, 'i');
    assert.deepEqual(parsed.ok && parsed.value.data, { service: 'web' });
  });

  it('answers every payload with a value or a reason, never with an exception', () => {
    const names = entriesOf(subjects).map(([subject]) => subject);
    const payload = fc.oneof(fc.uint8Array(), fc.json().map(bytes), fc.string().map(bytes), fc.constant(bytes(event)));
    fc.assert(
      fc.property(fc.constantFrom<Subject>(...names), payload, (subject, raw) => {
        const parsed = decodeEvent(subject, raw);
        assert.equal(typeof parsed.ok, 'boolean');
        if (!parsed.ok) assert.ok(parsed.reason.length > 0);
      }),
    );
  });
});
