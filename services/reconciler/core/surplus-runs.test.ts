import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunRecord, ServiceName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { type NotedRun, surplusRuns } from './surplus-runs.ts';

function run(service: string, at: number, state: RunRecord['state'] = 'finished'): NotedRun {
  return { key: `${service}-${at}`, service: ServiceName.parse(service), state, at };
}

describe('the runs that are too many', () => {
  it('are the oldest of a job, of runs and of skips by themselves', () => {
    const runs = [run('job', 3), run('job', 1), run('job', 2), run('job', 4, 'skipped'), run('other', 1)];
    assert.deepEqual(surplusRuns(runs, { ofJob: 2, inAll: 9 }), ['job-1']);
    assert.deepEqual(surplusRuns([...runs, run('job', 5, 'skipped')], { ofJob: 1, inAll: 9 }), ['job-1', 'job-2', 'job-4']);
  });

  it('are the oldest of all when there are many jobs, but no job loses its last one', () => {
    const runs = [run('monthly', 1), run('daily', 2), run('daily', 3), run('hourly', 4), run('hourly', 5)];
    assert.deepEqual(surplusRuns(runs, { ofJob: 2, inAll: 4 }), ['daily-2']);
    assert.deepEqual(surplusRuns(runs, { ofJob: 2, inAll: 1 }), ['daily-2', 'hourly-4']);
  });

  it('are never open ones, and never more than has to go', () => {
    const state = fc.constantFrom<RunRecord['state'][]>(...RunRecord.shape.state.options);
    const AnyRun = fc.record({ service: fc.constantFrom('one', 'two', 'three'), at: fc.nat(1_000), state });
    const Runs = fc.uniqueArray(AnyRun, { selector: ({ service, at }) => `${service}-${at}` });
    fc.assert(
      fc.property(Runs, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 3, max: 12 }), (list, ofJob, inAll) => {
        const runs = list.map((each) => run(each.service, each.at, each.state));
        const surplus = new Set(surplusRuns(runs, { ofJob, inAll }));
        const kept = runs.filter(({ key }) => !surplus.has(key));
        const count = (all: readonly NotedRun[], how: string, service?: string) =>
          all.filter((each) => each.state === how && (service === undefined || each.service === service)).length;
        assert.equal(kept.length + surplus.size, runs.length);
        for (const how of ['claimed', 'running']) assert.equal(count(kept, how), count(runs, how));
        for (const service of ['one', 'two', 'three']) {
          assert.equal(count(kept, 'skipped', service), Math.min(ofJob, count(runs, 'skipped', service)));
          assert.ok(count(kept, 'finished', service) <= ofJob);
        }
        const each = ['one', 'two', 'three'].reduce((sum, service) => sum + Math.min(ofJob, count(runs, 'finished', service)), 0);
        assert.equal(count(kept, 'finished'), Math.min(inAll, each));
      }),
    );
  });
});
