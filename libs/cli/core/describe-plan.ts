import type { PlanReply } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import type { Tone } from '../terminal/style.ts';

/** What would be done about one service. */
export type PlannedChange = PlanReply['changes'][number];
type Network = NonNullable<PlanReply['networks']>[number];
type Action = PlannedChange['action'] | Network['action'];
/** A container that Kedge did not make, and that is in the way of a service. */
export type ForeignContainer = NonNullable<PlanReply['foreign']>[number];
type Difference = NonNullable<PlannedChange['differences']>[number];

/** What takes something away comes first: whoever reads only the beginning has read that. */
const inTheEye: readonly Action[] = ['remove', 'recreate', 'roll', 'restart', 'repair', 'create'];

/** The same changes, removals first; otherwise as they were. */
export function orderForReading<Change extends { readonly action: Action }>(changes: readonly Change[]): Change[] {
  return changes.toSorted((left, right) => inTheEye.indexOf(left.action) - inTheEye.indexOf(right.action));
}

/** What takes away is red, what may hurt is yellow. */
export const changeTones: Readonly<Record<Action, Tone>> = {
  remove: 'bad',
  recreate: 'warning',
  roll: 'busy',
  restart: 'warning',
  repair: 'warning',
  create: 'good',
};

const strategies: Readonly<Record<NonNullable<PlannedChange['strategy']>, string>> = {
  'start-first': ', start-first',
  'stop-first': ', stop-first: it is away for a moment',
};

/** How a change is made, behind its action; empty where there is no choice. */
export function strategyOf({ strategy }: PlannedChange): string {
  return strategy === undefined ? '' : strategies[strategy];
}

/** `service.memory: 256m → 512m`. What is neither told before nor after is a secret, and only said to be another one. */
export function describeDifference({ key, from, to }: Difference): string {
  if (from === null && to === null) return `${key}: changed (secret)`;
  if (from === null) return `${key}: added, ${to}`;
  return to === null ? `${key}: taken out, was ${from}` : `${key}: ${from} → ${to}`;
}

/** `container web (nginx:1, running, on dispenser) has the name of service web`. */
export function describeForeign({ service, container, image, running, because, networks }: ForeignContainer): string {
  const what = [image, running ? 'running' : 'not running', ...(networks.length === 0 ? [] : [`on ${networks.join(', ')}`])].join(', ');
  return `container ${container} (${what}) has ${because === 'name' ? 'the name' : 'a published port'} of service ${service}`;
}

/** Of a network that stays as it is the reason begins with a code: the engine, or who is on it, refuses the change. */
export function isRefused({ reason }: Network): boolean {
  return /^[A-Z][A-Z0-9_]+: /.test(reason);
}

/** `1 to remove, 2 to roll`, in the order of the list; null when there is nothing to do. */
export function summaryOf({ changes, networks = [], missingNetworks: missing = [] }: PlanReply): string | null {
  const services = inTheEye.flatMap((action) => {
    const amount = changes.filter((change) => change.action === action).length;
    return amount === 0 ? [] : [`${amount} to ${action}`];
  });
  const refused = networks.filter(isRefused).length;
  const ofNetworks = [
    [networks.length - refused, 'to change'],
    [refused, 'refused'],
    [missing.length, 'missing'],
  ] as const;
  const all = [...services, ...ofNetworks.flatMap(([amount, what]) => (amount === 0 ? [] : [`${counted(amount, 'network')} ${what}`]))];
  return all.length === 0 ? null : `${all.join(', ')}.`;
}

/** Something to do, or something in the way. */
export function hasSomething({ changes, networks = [], missingNetworks = [], foreign = [], problem }: PlanReply): boolean {
  return changes.length + networks.length + missingNetworks.length + foreign.length > 0 || problem !== undefined;
}
