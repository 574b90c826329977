import type { PlanReply, ReleaseRecord, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import type { UnresolvedImage } from './choose-image.ts';
import { chooseStrategy } from './choose-strategy.ts';
import type { Decision } from './decide-rollout.ts';
import { isLookedAtOften, nextTryAt } from './obstacles.ts';
import { isMeantToEnd } from './purpose.ts';
import { specDifferences } from './spec-differences.ts';
import { describeStep, type Step } from './step.ts';

/** What the next passes do with one service, as people read it. */
export type Change = PlanReply['changes'][number];

const startFirst = [
  'pull the image',
  'start the new containers',
  'ask their gates',
  'send requests to them',
  'wait until the old ones are drained',
  'remove the old ones',
];
const stopFirst = [
  'pull the image',
  'hold requests',
  'stop the old containers',
  'start the new ones',
  'ask their gates',
  'send requests to them',
  'remove the old ones',
];
/** Of what runs once. */
const once = ['pull the image', 'start its container', 'wait for its end', 'remove the old one'];

interface DescribeChange {
  readonly service: ServiceName;
  readonly spec: ServiceSpec;
  readonly record: ReleaseRecord | null;
  readonly decision: Decision;
  /** What the planner would do now; empty where the decision needs no planner. */
  readonly steps: readonly Step[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Null when nothing is to be done and nothing stands in the way. */
export function describeChange(given: DescribeChange): Change | null {
  const { decision } = given;
  // It is told beside what is done for what serves, and an obstacle of before stands in the way of something else.
  if ((decision.kind === 'maintain' || decision.kind === 'rest') && decision.unresolved)
    return unresolvedChange(given, decision.unresolved);
  const change = changeOf(given);
  const { waiting } = given.record ?? {};
  if (!waiting) return change;
  const problem = { code: waiting.code, message: `${waiting.message}${nextTry(waiting, given.now)}` };
  return { ...(change ?? blocked(given)), problem };
}

/** What waits for another service has no moment of its own: it goes on when that one is there. */
function nextTry(waiting: NonNullable<ReleaseRecord['waiting']>, now: number): string {
  if (isLookedAtOften(waiting.code)) return '';
  const at = nextTryAt(waiting, now);
  return at.getTime() > now ? `; tried again at ${at.toISOString()}` : '; tried again now';
}

/** While the watcher has not looked yet it goes on by itself, and that is no problem. */
function unresolvedChange({ service, record, steps }: DescribeChange, { code, message, isAnswered }: UnresolvedImage): Change {
  const action = record?.serving ? 'roll' : 'create';
  return { service, action, reason: message, ...toldSteps(steps), ...(isAnswered ? { problem: { code, message } } : {}) };
}

/** What cannot even be planned. */
export function unplannedChange(
  { service, record }: Pick<DescribeChange, 'service' | 'record'>,
  problem: NonNullable<Change['problem']>,
): Change {
  return { service, action: record?.serving ? 'roll' : 'create', reason: problem.message, steps: [], problem };
}

function changeOf({ service, spec, record, decision, steps }: DescribeChange): Change | null {
  switch (decision.kind) {
    case 'begin': {
      const action = record?.serving ? 'roll' : 'create';
      const { steps: all, reason, ...how } = wayOf(spec, action);
      return {
        service,
        action,
        ...how,
        reason: `${decision.cause}: ${decision.reason}; ${reason}`,
        steps: [...all],
        ...differencesOf(record, spec),
      };
    }
    case 'roll':
      return described({ service, action: 'roll', reason: record?.waiting?.message ?? 'a rollout is under way' }, steps);
    case 'restore':
      return described({ service, action: 'repair', reason: 'the old release comes back' }, steps);
    case 'maintain':
      return described({ service, action: isRestart(steps) ? 'restart' : 'repair', reason: repairReason(steps, decision.reason) }, steps);
    case 'judged':
      return { service, action: 'roll', reason: decision.bar.message, steps: ['give up the rollout under way'] };
    case 'abandon':
      return { service, action: 'roll', reason: decision.reason, steps: ['give up the rollout under way'] };
    case 'wait':
      return unplannedChange({ service, record }, { code: decision.code, message: decision.message });
    case 'rest':
      return null;
    default:
      return decision satisfies never;
  }
}

/** What ended is started again as it is. */
function isRestart(steps: readonly Step[]): boolean {
  const deeds = steps.filter(({ kind }) => kind !== 'look-again' && kind !== 'route');
  return deeds.length > 0 && deeds.every(({ kind }) => kind === 'start');
}

/** Which of two releases comes first is a question only where one takes the place of another. */
function wayOf(spec: ServiceSpec, action: 'create' | 'roll'): Pick<Change, 'strategy' | 'reason' | 'steps'> {
  const { strategy, reason } = chooseStrategy(spec);
  const isFirst = action === 'create';
  if (strategy === 'start-first' && isMeantToEnd(spec)) return { reason, steps: isFirst ? once.slice(0, 3) : once };
  return { strategy, reason, steps: isFirst ? startFirst.slice(0, 4) : strategy === 'stop-first' ? stopFirst : startFirst };
}

/** What is amiss with what serves, and why that is looked after. */
function repairReason(steps: readonly Step[], standing: string): string {
  const amiss = amissOf(steps);
  return amiss === null || amiss === standing ? standing : `${amiss}; ${standing}`;
}

function amissOf(steps: readonly Step[]): string | null {
  const missing = steps.filter(({ kind }) => kind === 'create').length;
  if (missing > 0) return missing === 1 ? 'a container of it is missing' : `${missing} containers of it are missing`;
  if (steps.some(({ kind }) => kind === 'start')) return 'its container does not run';
  return steps.flatMap((step) => ('reason' in step ? [step.reason] : []))[0] ?? null;
}

function differencesOf(record: ReleaseRecord | null, spec: ServiceSpec): Pick<Change, 'differences'> {
  const before = record?.serving?.spec;
  const differences = before ? specDifferences(before, spec) : [];
  return differences.length > 0 ? { differences: [...differences] } : {};
}

function described(what: Pick<Change, 'service' | 'action' | 'reason'>, steps: readonly Step[]): Change | null {
  return steps.length === 0 ? null : { ...what, ...toldSteps(steps) };
}

/** A look does nothing, and neither does a note: they are no steps to whoever reads a plan. */
function toldSteps(steps: readonly Step[]): Pick<Change, 'steps' | 'waits'> {
  const isWait = ({ kind }: Step) => kind === 'look-again' || kind === 'listening';
  const waits = steps.filter(isWait).map(describeStep);
  return { steps: steps.filter((step) => !isWait(step)).map(describeStep), ...(waits.length > 0 ? { waits } : {}) };
}

function blocked({ service, record }: DescribeChange): Change {
  return { service, action: record?.serving ? 'roll' : 'create', reason: 'it waits for an obstacle to go away', steps: [] };
}
