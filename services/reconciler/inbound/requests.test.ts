import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryBus, createMemoryStore } from '../testing/memory-bus.ts';
import { node } from '../testing/simulated-proxies.ts';
import { serveRequests } from './requests.ts';

describe('the questions that the reconciler answers', () => {
  it('reach whoever has the answer', async () => {
    const served = new Map<string, (question: object) => Promise<unknown>>();
    const clock = { now: () => new Date(0), monotonicMs: () => 0 };
    const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
    const answer = (name: string) => async () => await Promise.reject(new Error(name));
    serveRequests(
      { ...bus, serve: (subject, given) => void served.set(subject, given as (question: object) => Promise<unknown>) },
      { status: answer('status'), plan: answer('plan'), logs: answer('logs') },
    );
    assert.deepEqual([...served.keys()].toSorted(), ['deploy.plan', 'logs.tail', 'status.services']);
    for (const [subject, name] of [
      ['deploy.plan', /plan/],
      ['logs.tail', /logs/],
      ['status.services', /status/],
    ] as const)
      await assert.rejects(served.get(subject)?.({}) ?? Promise.resolve(), name);
  });
});
