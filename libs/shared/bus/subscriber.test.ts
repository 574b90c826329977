import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordingLog, waitUntil } from '../testing/index.ts';
import { createBusMetrics } from './bus-metrics.ts';
import { createSubscriber, type Subscribing } from './subscriber.ts';

interface Open {
  readonly subject: string;
  readonly options: Subscribing;
  unsubscribed: boolean;
}

function stage() {
  const open: Open[] = [];
  const waiting: (() => void)[] = [];
  const { log, lines } = recordingLog();
  const metrics = createBusMetrics();
  const connection = {
    subscribe(subject: string, options: Subscribing) {
      const mine = { subject, options, unsubscribed: false };
      open.push(mine);
      return {
        unsubscribe() {
          mine.unsubscribed = true;
        },
      };
    },
  };
  const { subscribe, follow } = createSubscriber({
    connection: { whenOpen: (listener) => void waiting.push(() => listener({ connection })) },
    metrics,
    log,
  });
  const connect = () => {
    for (const listener of waiting.splice(0)) listener();
  };
  return { open, lines, metrics, subscribe, follow, connect };
}

function message(text: string) {
  return { data: new TextEncoder().encode(text), respond: () => true };
}

describe('a subscription', () => {
  it('begins when the bus is connected, in its queue group if it has one', () => {
    const { open, subscribe, connect } = stage();
    subscribe('job.due', () => undefined);
    subscribe('watcher.check', () => undefined, 'watcher');
    assert.equal(open.length, 0);
    connect();
    assert.deepEqual(
      open.map(({ subject, options }) => [subject, options.queue]),
      [
        ['job.due', undefined],
        ['watcher.check', 'watcher'],
      ],
    );
  });

  it('that is closed before the bus is connected never begins', async () => {
    const { open, subscribe, connect } = stage();
    await subscribe('job.due', () => undefined).close();
    connect();
    assert.equal(open.length, 0);
  });

  it('that follows several subjects ends with all of them', async () => {
    const { open, follow, connect } = stage();
    const following = follow(['image.updated', 'image.rejected'], () => undefined);
    connect();
    assert.equal(open.length, 2);
    await following.close();
    assert.ok(open.every(({ unsubscribed }) => unsubscribed));
  });

  it('drops what does not fit the catalogue, counts it, and hears what does', async () => {
    const { open, lines, metrics, follow, connect } = stage();
    const heard: string[] = [];
    follow(['handover.requested'], ({ id }) => heard.push(id));
    connect();
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: 'proxy/one',
      type: 'handover.requested.v1',
      time: '2026-01-01T00:00:00.000Z',
      kedgenode: 'local',
    };
    for (const data of [{ instance: 7 }, { instance: 'one' }]) open[0]?.options.callback(null, message(JSON.stringify({ ...event, data })));
    assert.deepEqual(heard, ['e-1']);
    await waitUntil(() => lines.some((line) => line.includes('event rejected')));
    assert.deepEqual((await metrics.rejected.get()).values, [{ value: 1, labels: { subject: 'handover.requested' } }]);
  });

  it('that the server refuses is told in the log, and no listener hears of it', async () => {
    const { open, lines, follow, connect } = stage();
    let heard = 0;
    follow(['image.updated'], () => {
      heard += 1;
    });
    connect();
    open[0]?.options.callback(new Error('not permitted'), message(''));
    await waitUntil(() => lines.some((line) => line.includes('subscription failed')));
    assert.equal(heard, 0);
  });
});
