import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { kedge, type StackFacts } from '../../e2e/harness/stack.ts';
import { startNameLoad } from './name-load.ts';
import type { NamedService } from './named-service.ts';

interface Held {
  readonly services: readonly NamedService[];
  /** Whether requests may go unanswered: not where everything that serves is left alone. Default false. */
  readonly mayFail?: boolean;
}

/**
 * Load on services until the returned function is called, which waits until all serve as wanted and tells what became of the requests.
 * However bad it was, none may have been answered by somebody else.
 */
export function holdNameLoad(test: TestContext, facts: StackFacts, { services, mayFail = false }: Held): () => Promise<void> {
  const loads = services.map(({ host, own }) => ({ host, load: startNameLoad({ port: facts.httpPort, host, own }) }));
  test.after(async () => await Promise.all(loads.map(({ load }) => load.stop())));
  return async () => {
    for (const service of services) await service.arrived();
    for (const { host, load } of loads) {
      const { outcomes, longestSilenceMs, foreign } = await load.stop();
      test.diagnostic(`${host}: ${JSON.stringify(outcomes)}, at most ${longestSilenceMs} ms without an answer`);
      assert.deepEqual(foreign, [], 'nobody was answered by another service');
      if (!mayFail) assert.deepEqual(Object.keys(outcomes), ['answered'], host);
    }
  };
}

/** What a restart may not change: which containers there are, where they are, and of which release. */
export async function standingOf(services: readonly NamedService[]): Promise<Readonly<Record<string, unknown>>> {
  const all = services.map(async (service) => {
    const { release } = await service.status();
    return [service.name, { release, addresses: await service.addresses() }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** Waits until the status says of nothing that it needs attention. */
export async function allIsWell(facts: StackFacts): Promise<void> {
  await waitUntil(
    async () => {
      await kedge(facts, ['status', '--exit-code']);
      return true;
    },
    { timeoutMs: 60_000, what: 'nothing needs attention' },
  );
}
