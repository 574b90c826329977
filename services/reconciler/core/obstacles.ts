import type { ReleaseRecord } from '@kedge/shared/contracts';
import { type BackOffTable, patientBackOff } from '@kedge/shared/kernel';

/** Codes of a service that waits for another one: it is looked at often, because the other one says nothing when it is there. */
const forDependency = new Set(['DEPENDENCY_PENDING', 'DEPENDENCY_FAILED']);

/** Between two looks at what a service depends on. */
export const dependencyLookMs = 2_000;

/** True when a service waits for what it depends on, for however long. */
export function isForDependency(code: string): boolean {
  return forDependency.has(code) || code === 'DEPENDENCY_TIMEOUT';
}

/** True when a look costs nobody anything and the obstacle may be gone any second. */
export function isLookedAtOften(code: string): boolean {
  return forDependency.has(code);
}

/** Most pass quickly, the others get patience. */
const patient: BackOffTable = [5_000, ...patientBackOff];
/** For what the host has or lacks: whoever mends it expects the service to come up, and looking costs nobody anything. */
export const hostBackOff: BackOffTable = [2_000, 5_000, 10_000, 30_000];
/** The next attempt is the question whether somebody answers again: while nobody listens, the bus itself says so at once. */
const unanswered: BackOffTable = [1_000, 2_000, 5_000];
/** About ten minutes. */
const oftenFor = Array.from({ length: 200 }, () => 3_000);
/** For what another service has, and gives when it can: people see nobody serve from then on. What it keeps for long takes its time. */
const handedOver: BackOffTable = [1_000, 2_000, ...oftenFor, 10_000];

const tables: Readonly<Record<string, BackOffTable>> = {
  PORT_TAKEN: hostBackOff,
  PORT_MOVING: handedOver,
  ROUTE_MOVING: handedOver,
  VOLUME_IN_USE: handedOver,
  SOURCE_MISSING: hostBackOff,
  NAME_TAKEN: hostBackOff,
  NETWORK_IN_USE: hostBackOff,
  NETWORK_MISSING: hostBackOff,
  SECRET_CHANGED: hostBackOff,
  SECRETS_UNAVAILABLE: unanswered,
};

/** True when an attempt may cost somebody else something. */
export function isPatient(code: string): boolean {
  return obstacleBackOff(code) === patient;
}

/** How long to leave an obstacle alone, the longer the more often it was met in a row. */
export function obstacleBackOff(code: string): BackOffTable {
  return tables[code] ?? patient;
}

type Waiting = NonNullable<ReleaseRecord['waiting']>;

/** How often this obstacle was met in a row, with this time: one that is looked at often does not make another one wait for long. */
export function failuresInARow(before: Waiting | undefined, code: string): number {
  return before && obstacleBackOff(before.code) === obstacleBackOff(code) ? before.failures + 1 : 1;
}

/** When a service that waits is tried again by itself; never in the past. What waits for another one is looked at all the time. */
export function nextTryAt({ code, retryAt }: Pick<Waiting, 'code' | 'retryAt'>, now: number): Date {
  return new Date(isLookedAtOften(code) ? now + dependencyLookMs : Math.max(now, Date.parse(retryAt)));
}

/** A rollout that was going on has met an obstacle just now, and another release serves: that one is looked after at once. */
export function isNewlyBlocked(record: Pick<ReleaseRecord, 'rollout' | 'serving' | 'waiting'> | undefined, now: number): boolean {
  const { rollout, serving, waiting } = record ?? {};
  if (rollout == null || serving == null) return false;
  return waiting === undefined || (!isLookedAtOften(waiting.code) && Date.parse(waiting.retryAt) <= now);
}
