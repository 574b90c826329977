import { type BackOffTable, backOffMs, errorCode, hashJson, KedgeError } from '@kedge/shared/kernel';
import type { NetworkRefusal } from './core/networks/tell-networks.ts';
import { hostBackOff, obstacleBackOff } from './core/obstacles.ts';
import type { Clock, NetworkPlan } from './ports.ts';

/** What the engine did not make, by the name of the network. Of a network that is planned otherwise by now nothing is known. */
export interface NetworkRefusals {
  /** The last one; null when there was none. */
  find(plan: NetworkPlan): NetworkRefusal | null;
  /** True while it is too early to ask again. */
  isTooEarly(plan: NetworkPlan): boolean;
  /** The engine said so now; it is asked again the later the more often it did in a row. */
  note(plan: NetworkPlan, refusal: NetworkRefusal): void;
  /** Forgets what is not among these. */
  keepOnly(plans: readonly NetworkPlan[]): void;
}

interface Noted extends NetworkRefusal {
  readonly plan: string;
  readonly failures: number;
  readonly againAtMs: number;
}

interface RefusalPorts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Gives numbers in [0, 1). */
  readonly random: () => number;
}

/** In memory: a new process asks again. */
export function createNetworkRefusals({ clock, random }: RefusalPorts): NetworkRefusals {
  const noted = new Map<string, Noted>();

  function known(plan: NetworkPlan): Noted | null {
    const last = noted.get(plan.name);
    return last?.plan === hashJson(plan) ? last : null;
  }

  return {
    find: known,
    isTooEarly: (plan) => clock.monotonicMs() < (known(plan)?.againAtMs ?? Number.NEGATIVE_INFINITY),
    note(plan, { code, message }) {
      const failures = (known(plan)?.failures ?? 0) + 1;
      const waitMs = backOffMs({ table: tableOf(code), failures, random: random() });
      noted.set(plan.name, { plan: hashJson(plan), code, message, failures, againAtMs: clock.monotonicMs() + waitMs });
    },
    keepOnly(plans) {
      const wanted = new Set(plans.map(hashJson));
      for (const [name, { plan }] of noted) if (!wanted.has(plan)) noted.delete(name);
    },
  };
}

/** A sick engine says this to everything, a well one to what it refuses for good: it is asked again soon, but not all the time. */
function tableOf(code: string): BackOffTable {
  return code === 'ENGINE_ERROR' ? hostBackOff : obstacleBackOff(code);
}

/** Codes of what has nothing to do with one network: nobody asked the engine, or it did not answer, or the bus was in the way. */
const ofAll = new Set([
  'ENGINE_UNREACHABLE',
  'STANDING_BY',
  'WORLD_MOVED',
  'BUS_UNAVAILABLE',
  'BUS_REFUSED',
  'REQUEST_UNANSWERED',
  'REPLY_INVALID',
  'CONTRACT_VIOLATION',
  'TOO_LARGE',
]);

/** What the engine said about this one network; null when it said nothing, or that is none of its answers. */
export function refusalOf(thrown: unknown): NetworkRefusal | null {
  if (!(thrown instanceof KedgeError) || ofAll.has(thrown.code)) return null;
  const { sentence } = thrown.details;
  return { code: errorCode(thrown), message: typeof sentence === 'string' ? `the engine does not make it: ${sentence}` : thrown.message };
}
