import type { ReleaseRecord, ServiceSpec } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isRestoring } from './decide-rollout.ts';
import { type Askable, acceptsAt, type Gate, gatesOf, insteadOfExposed } from './gates.ts';
import { isMeantToEnd } from './purpose.ts';
import { isUp } from './sort-containers.ts';

interface Awaiting {
  readonly spec: ServiceSpec;
  readonly container: Askable;
  /** What it replaces was seen to answer where the image says, so it has to. */
  readonly mustListen?: boolean;
  /** Null: it is about to start. */
  readonly startedAt?: Date | null;
}

/** What a new container is waited for, for how long, and until when: `waits up to 60 s for port 80 to accept connections`. */
export interface Awaited {
  readonly words: string;
  /** Milliseconds since the epoch; null before it was started. */
  readonly until: number | null;
}

/** @throws {TerminalError} GATE_PORT_UNKNOWN as `gatesOf` does */
export function awaitedOf({ spec, container, mustListen = false, startedAt = null }: Awaiting): Awaited {
  const waits = gatesOf(spec, container).map((gate) => waitFor(gate, { mustListen, mayEnd: isMeantToEnd(spec) }));
  const untilOf = (ms: number) => startedAt && new Date(startedAt.getTime() + ms);
  const words = waits.map(({ ms, what, hint }) => {
    const until = untilOf(ms);
    return `up to ${ms / 1_000} s${until ? ` (until ${until.toISOString().slice(11, 19)}Z)` : ''} ${what}${hint ?? ''}`;
  });
  return { words: `waits ${words.join(', then ')}`, until: untilOf(Math.max(...waits.map(({ ms }) => ms)))?.getTime() ?? null };
}

/** The container that a rollout waits for at this moment, the one that was started last; null when it waits for none. */
export function awaitedContainer(
  { rollout, waiting }: Pick<ReleaseRecord, 'rollout' | 'waiting'>,
  containers: readonly ObservedContainer[],
): ObservedContainer | null {
  if (!rollout || waiting || rollout.switchedAt !== undefined || isRestoring(rollout.step)) return null;
  const started = containers.filter((each) => isUp(each) && each.startedAt !== null && each.kedge?.release === rollout.release);
  return started.toSorted((one, other) => (other.startedAt?.getTime() ?? 0) - (one.startedAt?.getTime() ?? 0))[0] ?? null;
}

interface Wait {
  /** From the start of the container. */
  readonly ms: number;
  readonly what: string;
  readonly hint?: string;
}

function waitFor(gate: Gate, { mustListen, mayEnd }: { readonly mustListen: boolean; readonly mayEnd: boolean }): Wait {
  const orEnd = mayEnd ? ', or for its end' : '';
  switch (gate.kind) {
    case 'running':
      return { ms: gate.minHealthyMs, what: mayEnd ? 'for its end, or to see it run on' : 'to see it run without a restart' };
    case 'exposed': {
      const what = `for port ${gate.port}, which its image exposes`;
      return mustListen
        ? { ms: acceptsAt(gate.port).deadlineMs, what: `${what} and on which what it replaces answers` }
        : { ms: gate.patienceMs, what: `${what}${orEnd}`, hint: `; ${insteadOfExposed}` };
    }
    case 'health':
      return { ms: gate.deadlineMs, what: `for its health check${orEnd}` };
    case 'http':
      return { ms: gate.deadlineMs, what: `for an answer of 200 to 399 from port ${gate.port} at ${gate.path}` };
    case 'tcp':
      return { ms: gate.deadlineMs, what: `for port ${gate.port} to accept connections` };
    default:
      return gate satisfies never;
  }
}
