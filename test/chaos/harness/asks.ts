import { startPeriodic } from '@kedge/shared/kernel';
import type { StackFacts } from '../../e2e/harness/stack.ts';

/** When the watcher asked a registry, whatever came of it: seen from its own counter, because a registry that is away hears nothing. */
export interface Asks {
  /** By the monotonic clock, in milliseconds; the questions of one look count once. */
  readonly at: readonly number[];
  /** The pauses after the look with this index. */
  pausesFrom(index: number): readonly number[];
  close(): Promise<void>;
}

/** Questions of one look follow each other faster. */
const oneLookMs = 500;

export function followAsks({ environment }: StackFacts, registry: string): Asks {
  const at: number[] = [];
  let known: number | null = null;
  const looking = startPeriodic({
    everyMs: 50,
    async work() {
      const answer = await fetch(`http://127.0.0.1:${environment.KEDGE_WATCHER_HEALTH_PORT}/metrics`);
      const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('kedge_registry_requests_total{'));
      const counts = lines.filter((line) => line.includes(`registry="${registry}"`)).map((line) => Number(line.split(' ').at(-1)));
      const count = counts.reduce((sum, each) => sum + each, 0);
      const now = performance.now();
      if (known !== null && count > known && now - (at.at(-1) ?? Number.NEGATIVE_INFINITY) > oneLookMs) at.push(now);
      known = count;
    },
    onError: () => undefined, // it is asked again
  });
  return {
    at,
    pausesFrom: (index) => at.slice(index + 1).map((time, offset) => Math.round(time - (at[index + offset] ?? 0))),
    close: async () => await looking.close(),
  };
}
