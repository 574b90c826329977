import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TerminalError } from '@kedge/shared/kernel';
import { Interrupted } from './interrupted.ts';
import { patientBus } from './patient-bus.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { noPause } from './testing/run-line.ts';

const patience = { signal: new AbortController().signal, pause: noPause, timeoutMs: 20_000 };

describe('patientBus', () => {
  it('asks again when nobody answered, and says once what it waits for', async () => {
    const told: string[] = [];
    const bus = createFakeBus(
      { 'deploy.plan': () => ({ changes: [] }) },
      { lost: (subject, asked) => subject === 'deploy.plan' && asked < 4 },
    );
    const { request } = patientBus({ ...patience, bus, tell: (line) => told.push(line) });
    assert.deepEqual(await request('deploy.plan', {}), { changes: [] });
    assert.equal(bus.asked.length, 4);
    assert.deepEqual(told, ['waiting for an answer, and asking again: reconciler did not answer deploy.plan: no responders']);
  });

  it('throws the error when the time is over', async () => {
    const bus = createFakeBus();
    const { request } = patientBus({ ...patience, bus, tell: () => undefined, timeoutMs: 0 });
    await assert.rejects(request('deploy.plan', {}), { code: 'REQUEST_UNANSWERED' });
    assert.equal(bus.asked.length, 1);
  });

  it('takes any other error for an answer', async () => {
    const refusal = new TerminalError('SERVICE_UNKNOWN', 'no such service');
    const bus = createFakeBus({
      'deploy.plan': () => {
        throw refusal;
      },
    });
    const { request } = patientBus({ ...patience, bus, tell: () => assert.fail('told') });
    await assert.rejects(request('deploy.plan', {}), refusal);
  });

  it('ends when nobody waits any more', async () => {
    const { request } = patientBus({ ...patience, bus: createFakeBus(), tell: () => undefined, signal: AbortSignal.abort() });
    await assert.rejects(request('deploy.plan', {}), Interrupted);
  });
});
