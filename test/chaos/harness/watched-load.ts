import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { type LoadReport, startLoad } from '../../e2e/harness/load.ts';
import type { StackFacts } from '../../e2e/harness/stack.ts';
import type { RollingService } from './rolling-service.ts';

/** Mixed load on services until the returned function is called, which says how much there was: nothing of it may have failed. */
export function holdLoad(test: TestContext, facts: StackFacts, services: readonly RollingService[]): () => Promise<void> {
  const loads = services.map(({ host, versions }) => ({
    host,
    load: startLoad({ port: facts.httpPort, host, versions, slowMs: 1_500 }),
  }));
  test.after(async () => await Promise.all(loads.map(({ load }) => load.stop())));
  return async () => {
    for (const { host, load } of loads) {
      const { requests, failures } = await load.stop();
      test.diagnostic(`${host}: ${JSON.stringify(requests)}, ${failures.length} failed`);
      assert.deepEqual(failures, [], host);
    }
  };
}

/** Resolves when so many requests have ended well, and none otherwise, that no client can have a failure left to tell. */
export async function untilNothingFails({ requests, failures }: LoadReport): Promise<void> {
  const ended = () => (requests['keep-alive'] ?? 0) + (requests.fresh ?? 0);
  let [failed, from] = [failures.length, ended()];
  const isQuiet = () => {
    if (failures.length > failed) [failed, from] = [failures.length, ended()];
    return ended() >= from + 200;
  };
  await waitUntil(isQuiet, { timeoutMs: 60_000, what: 'no client fails any more' });
}
