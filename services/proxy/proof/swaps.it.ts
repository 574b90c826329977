import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints, type TestTarget } from '../testing/endpoints.ts';
import { type LoadUpstream, startLoadUpstream } from '../testing/load-upstream.ts';
import { startMixedLoadApart } from '../testing/mixed-load-apart.ts';
import { isLong } from '../testing/sample.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';

const swaps = isLong ? 200 : 20;
/** That many requests are answered between two swaps. */
const between = 200;
const patient = { timeoutMs: 60_000 };

describe('routes that change under load', () => {
  it(`cost no request in ${swaps} swaps, and every WebSocket is answered or closed`, async (t) => {
    const plane = await startDataPlane();
    const leaving: Promise<void>[] = [];
    const web = (...targets: readonly TestTarget[]) => endpoints('web', targets);
    const sockets = (...targets: readonly TestTarget[]) => endpoints('ws', targets);
    let upstream: LoadUpstream = await startLoadUpstream();
    let current = 0;
    const idOf = (number: number) => [`web-${number}`, `ws-${number}`] as const;
    const at = (id: string, { port }: LoadUpstream, state: 'ready' | 'draining' = 'ready'): TestTarget => ({ id, port, state });
    const [first, firstSocket] = idOf(current);
    plane.route([web(at(first, upstream)), sockets(at(firstSocket, upstream))]);
    const load = startMixedLoadApart({ port: plane.port, each: 8 });
    const startedAt = performance.now();

    for (let swap = 1; swap <= swaps; swap += 1) {
      const enough = load.answered() + between;
      await waitUntil(() => load.answered() >= enough, patient);
      const [old, oldSocket] = idOf(current);
      const next = await startLoadUpstream();
      current = swap;
      const [fresh, freshSocket] = idOf(current);
      plane.route([
        web(at(fresh, next), at(old, upstream, 'draining')),
        sockets(at(freshSocket, next), at(oldSocket, upstream, 'draining')),
      ]);
      await waitUntil(() => plane.traffic.openOf(old) === 0, patient);
      // WebSockets do not end by themselves: their target leaves the table, and they are told.
      plane.route([web(at(fresh, next)), sockets(at(freshSocket, next))]);
      leaving.push(leave({ upstream, isFree: () => plane.traffic.openOf(oldSocket) === 0 }));
      upstream = next;
    }

    const failures = await load.stop();
    const perSecond = Math.round((load.answered() / (performance.now() - startedAt)) * 1_000);
    await Promise.all(leaving);
    await plane.close();
    await upstream.close();
    t.diagnostic(`${load.answered()} requests (${perSecond} a second), ${load.echoed()} messages on ${load.closed()} WebSockets`);
    assert.deepEqual(failures, []);
    assert.ok(load.answered() >= swaps * between && load.echoed() > swaps && load.closed() > swaps / 4);
  });
});

async function leave({ upstream, isFree }: { readonly upstream: LoadUpstream; readonly isFree: () => boolean }): Promise<void> {
  await waitUntil(isFree, patient);
  await upstream.close();
}
