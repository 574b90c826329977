import type { Component, DoctorReply } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { CliBus } from './connect.ts';

interface Asked {
  /** Each goes to any one of the instances: with 24 at once none of three is left out, with 8 none of two. */
  readonly questions: number;
  readonly timeoutMs: number;
}

/** What the instances of a component said; each one once, in the order of their names. */
export interface InstanceAnswers {
  readonly replies: readonly DoctorReply[];
  /** How many questions nobody answered in time. */
  readonly unanswered: number;
  /** Why one of them was not; null when all were. */
  readonly trouble: string | null;
}

/** Asks until every instance has been heard, as far as chance tells: whoever is asked twice meanwhile looks once. */
export async function askInstances(
  bus: Pick<CliBus, 'request'>,
  component: Component,
  { questions, timeoutMs }: Asked,
): Promise<InstanceAnswers> {
  const asked = Array.from({ length: questions }, async () => await bus.request(`doctor.${component}`, {}, { timeoutMs }));
  const ends = await Promise.allSettled(asked);
  const heard = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  const refused = ends.find((end) => end.status === 'rejected');
  const byInstance = new Map(heard.map((reply) => [reply.instance, reply]));
  return {
    replies: [...byInstance.values()].toSorted((one, other) => (one.instance < other.instance ? -1 : 1)),
    unanswered: ends.length - heard.length,
    trouble: refused ? errorMessage(refused.reason) : null,
  };
}
