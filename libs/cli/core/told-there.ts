import type { PlanReply, StatusReply } from '@kedge/shared/contracts';
import { waitedFor } from './waited-for.ts';

interface Obstacle {
  readonly code: string;
  readonly message: string;
}

type Change = PlanReply['changes'][number];

/**
 * The same status for people. What waits for another service repeats the words of what stands in the way of that one; where those are told
 * beside it, as they are of the services in `told` (default: of all), its code is enough.
 */
export function statusWithoutCopies<Seen extends Pick<StatusReply, 'services'>>(status: Seen, told?: readonly string[]): Seen {
  const originals = new Map<string, Obstacle>();
  for (const { service, waiting } of status.services) if (waiting && (told?.includes(service) ?? true)) originals.set(service, waiting);
  const services = status.services.map((each) => {
    const original = originals.get(waitedFor(each.waiting)?.service ?? '');
    if (!each.waiting || !original) return each;
    const waiting = { ...each.waiting, message: withoutCopy(each.waiting.message, original) };
    return { ...each, reason: withoutCopy(each.reason, original), waiting };
  });
  return { ...status, services };
}

/** The same of a plan, which tells of all its services. */
export function changesWithoutCopies(changes: readonly Change[]): Change[] {
  const originals = new Map(changes.flatMap((change) => originalOf(change)));
  return changes.map((change) => {
    const { problem, reason } = change;
    const original = originals.get(waitedFor(problem)?.service ?? '');
    if (!problem || !original) return change;
    const message = withoutCopy(problem.message, original);
    return { ...change, reason: withoutCopy(reason, original), problem: { ...problem, message } };
  });
}

/** Behind the words of an obstacle a plan says when it is tried again; where they are the reason, too, that has them alone. */
function originalOf({ service, problem, reason }: Change): [string, Obstacle][] {
  return problem?.message.startsWith(reason) ? [[service, { code: problem.code, message: reason }]] : [];
}

function withoutCopy(text: string, { code, message }: Obstacle): string {
  return message === '' ? text : text.replace(`: ${message}`, () => `: ${code}, told there`);
}
