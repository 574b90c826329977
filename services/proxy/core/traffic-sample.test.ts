import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReleaseName, ServiceName, TrafficSampled } from '@kedge/shared/contracts';
import { TargetTally } from './tally.ts';
import { samplesOf, seen, since } from './traffic-sample.ts';

const web = ServiceName.parse('web');
const release = (digit: string) => ReleaseName.parse(`v1:${digit.repeat(64)}`);

describe('a sample of the traffic', () => {
  it('is what happened since the one before, and nothing when nothing did', () => {
    const tally = new TargetTally();
    const first = seen(tally);
    assert.equal(since(undefined, first), null);
    tally.end(200, 0.002);
    const second = seen(tally);
    assert.deepEqual(since(first, second)?.endings, [0, 0, 1, 0, 0, 0]);
    assert.equal(since(second, seen(tally)), null);
    tally.connectFailures += 1;
    assert.equal(since(second, seen(tally))?.connectFailures, 1);
  });

  it('tells each target, and each release with its classes and durations', () => {
    const happened = (...endings: readonly (number | 'aborted')[]) => {
      const tally = new TargetTally();
      for (const ending of endings) tally.end(ending, 0.002);
      return seen(tally);
    };
    const [sample, ...others] = samplesOf([
      { service: web, target: { id: 'a', release: release('1') }, happened: happened(200, 503) },
      { service: web, target: { id: 'b', release: release('1') }, happened: happened(404) },
      { service: web, target: { id: 'c', release: release('2') }, happened: happened('aborted', 200) },
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual(sample?.targets.a, { requests: 2, status5xx: 1, connectFailures: 0 });
    const { [release('1')]: old, [release('2')]: fresh } = sample?.releases ?? {};
    assert.deepEqual([old?.requests, old?.classes], [3, { '2xx': 1, '4xx': 1, '5xx': 1 }]);
    assert.deepEqual([fresh?.classes, fresh?.latency.counts.slice(0, 3)], [{ aborted: 1, '2xx': 1 }, [0, 2, 0]]);
    assert.equal(fresh?.latency.counts.length, fresh ? fresh.latency.boundsMs.length + 1 : 0);
    assert.ok(TrafficSampled.parse({ instance: 'one', windowMs: 1_000, ...sample }));
  });
});
