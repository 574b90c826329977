import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, Target } from '@kedge/shared/contracts';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import { startSampling } from './sample-traffic.ts';
import { createTraffic } from './traffic.ts';

const web = ServiceName.parse('web');
const target = Target.parse({ id: 'a', address: '10.0.0.1', port: 80, release: `v1:${'0'.repeat(64)}`, state: 'ready' });

type Published = Readonly<Record<string, unknown>>;

/** A bus that is there or away, and what was said on it. */
function arrange(publish: (data: Published) => void = () => undefined) {
  const said: Published[] = [];
  let isThere = true;
  let looks = 0;
  const bus = {
    instance: 'proxy-1',
    isConnected() {
      looks += 1;
      return isThere;
    },
    publish: (async (_subject: string, data: Published) => {
      publish(data);
      said.push(data);
      return await Promise.resolve();
    }) as unknown as Parameters<typeof startSampling>[0]['bus']['publish'],
  };
  return {
    bus: bus as Parameters<typeof startSampling>[0]['bus'],
    said,
    looks: () => looks,
    beThere(now: boolean): void {
      isThere = now;
    },
  };
}

describe('samples of traffic', () => {
  it('tell what is new since the last one, and nothing of quiet services', async (t) => {
    const { bus, said, looks } = arrange();
    const traffic = createTraffic();
    const sampling = startSampling({ bus, traffic, log: recordingLog().log, everyMs: 5 });
    t.after(async () => await sampling.close());
    const ask = (status: number) => {
      const begun = traffic.begin(target, web);
      begun.tally.end(status, 0.01);
      traffic.end(begun);
    };
    ask(200);
    ask(503);
    await waitUntil(() => said.length === 1);
    const quiet = looks() + 3;
    await waitUntil(() => looks() >= quiet);
    ask(200);
    await waitUntil(() => said.length === 2);
    assert.deepEqual(
      said.map(({ service, instance, targets }) => [service, instance, targets]),
      [
        [web, 'proxy-1', { a: { requests: 2, status5xx: 1, connectFailures: 0 } }],
        [web, 'proxy-1', { a: { requests: 1, status5xx: 0, connectFailures: 0 } }],
      ],
    );
  });

  it('are not owed: what happened while the bus was away is not told later', async (t) => {
    const { bus, said, looks, beThere } = arrange();
    const traffic = createTraffic();
    beThere(false);
    const begun = traffic.begin(target, web);
    begun.tally.end(200, 0.01);
    const sampling = startSampling({ bus, traffic, log: recordingLog().log, everyMs: 5 });
    t.after(async () => await sampling.close());
    await waitUntil(() => looks() >= 2);
    beThere(true);
    begun.tally.end(500, 0.01);
    await waitUntil(() => said.length === 1);
    assert.deepEqual(said[0]?.targets, { a: { requests: 1, status5xx: 1, connectFailures: 0 } });
  });
});
