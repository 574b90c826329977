import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import fc from 'fast-check';
import { endpoints } from '../testing/endpoints.ts';
import { open } from '../testing/http-client.ts';
import { startMixedLoad } from '../testing/mixed-load.ts';
import { isLong, seed } from '../testing/sample.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { startUpstreamProcess, type UpstreamProcess } from '../testing/upstream-process.ts';

const kills = isLong ? 40 : 5;
const patient = { timeoutMs: 60_000 };

interface Target {
  readonly id: string;
  readonly upstream: UpstreamProcess;
}

/** A target that was killed. */
interface Death {
  /** When it was gone; until then requests might still be sent to it. */
  until: number;
  readonly failed: string[];
}

/** A request whose answer has begun and does not end. */
interface Hanging {
  /** Of the upstream that has it. */
  readonly port: number;
  readonly isBroken: () => boolean;
}

async function hang(port: number): Promise<Hanging> {
  const response = await open({ port, path: '/hang' });
  let isBroken = false;
  response.on('error', () => {
    isBroken = true;
  });
  const [said] = (await once(response, 'data')) as [Buffer];
  return { port: Number(said), isBroken: () => isBroken };
}

describe(`upstreams that are killed under load (KEDGE_TEST_SEED=${seed})`, () => {
  it('cost only what was sent to them already', async (t) => {
    const plane = await startDataPlane();
    const deaths: Death[] = [];
    const others: string[] = [];
    let count = 0;
    const start = async (): Promise<Target> => {
      count += 1;
      const upstream = await startUpstreamProcess();
      t.after(async () => await upstream.kill());
      return { id: `c${count}`, upstream };
    };
    const targets = [await start(), await start(), await start()];
    const spared = await start();
    const route = () => {
      const all = targets.map(({ id, upstream }) => ({ id, port: upstream.port }));
      const other = endpoints('spared', [{ id: spared.id, port: spared.upstream.port }]);
      plane.route([endpoints('web', all), endpoints('ws', all), other]);
    };
    route();
    const sparedLoad = startMixedLoad({ port: plane.port, each: 1, hosts: ['spared.test', 'spared.test'] });
    const load = startMixedLoad({
      port: plane.port,
      each: 6,
      onFailure({ what, startedAt }) {
        // Its target was alive when it was asked, and may be dead now.
        const death = deaths.findLast(({ until }) => startedAt <= until);
        (death?.failed ?? others).push(what);
      },
    });
    let hanging: Hanging[] = [];
    let broken = 0;
    const places = fc.sample(fc.tuple(fc.nat(targets.length - 1), fc.nat(100)), { seed, numRuns: kills });

    for (const [place, moreAnswers] of places) {
      const enough = load.answered() + 50 + moreAnswers;
      await waitUntil(() => load.answered() >= enough, patient);
      const victim = targets[place];
      assert.ok(victim);
      const next = await start();
      while (hanging.length < 6 || !hanging.some(({ port }) => port === victim.upstream.port)) hanging.push(await hang(plane.port));
      const death: Death = { until: Number.POSITIVE_INFINITY, failed: [] };
      deaths.push(death);
      await victim.upstream.kill();
      death.until = performance.now();
      // The table still names the dead one: nobody who asks from now on may notice.
      const more = load.answered() + 50;
      await waitUntil(() => load.answered() >= more, patient);
      const hit = hanging.filter(({ port }) => port === victim.upstream.port);
      await waitUntil(() => hit.every(({ isBroken }) => isBroken()), patient);
      hanging = hanging.filter((each) => !hit.includes(each));
      assert.ok(!hanging.some(({ isBroken }) => isBroken()), 'an answer of another one broke');
      broken += hit.length;
      targets[place] = next;
      route();
    }

    await load.stop();
    const sparedFailures = await sparedLoad.stop();
    await plane.close();
    for (const { upstream } of [...targets, spared]) await upstream.kill();
    const lost = deaths.map(({ failed }) => failed.length);
    t.diagnostic(`${load.answered()} requests, ${load.echoed()} messages; lost: ${lost.join(', ')}, and ${broken} that hung`);
    assert.deepEqual(others, [], 'asked when the dead one was gone');
    assert.deepEqual(sparedFailures, [], 'had to do with none that was killed');
  });
});
