import {
  type BarRecord,
  type EndpointsEntry,
  type ImageEntry,
  type NodeRecord,
  type ReleaseName,
  type ReleaseRecord,
  type ScheduleEntry,
  type ServicePhase,
  type ServiceSpec,
  type ServiceStatus,
  shortDigest,
} from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import type { Awaited } from './awaited.ts';
import { downReason } from './down-reason.ts';
import { decideEnded } from './ended-policy.ts';
import { hasRoute, tableOf } from './endpoints.ts';
import type { PendingHandOver } from './hand-over.ts';
import { isTakenBack } from './is-taken-back.ts';
import { unknownReason } from './known-service.ts';
import { nextTryAt } from './obstacles.ts';
import { routesToCome, routesToGo } from './routes-in-force.ts';
import { servingContainers, shownRelease } from './serving-now.ts';
import type { RouteTable } from './step.ts';

interface DescribeService {
  readonly service: ServiceStatus['service'];
  /** Null when it is declared no more. */
  readonly spec: ServiceSpec | null;
  /** Since when everything is down; null while it is up. */
  readonly down: NonNullable<NodeRecord['down']> | null;
  readonly record: ReleaseRecord | null;
  /** The verdicts that count. */
  readonly bars: readonly BarRecord['bars'][number][];
  /** The release that is wanted now; null when no image is known. */
  readonly desired: ReleaseName | null;
  /** Why nobody knows the declared image, while another one serves; null when that is known, or not to be told. */
  readonly unresolved: string | null;
  readonly endpoints: EndpointsEntry | null;
  /** Routes in its table that another service has taken over, and serves. Default: none. */
  readonly taken?: RouteTable['routes'];
  readonly containers: readonly ObservedContainer[];
  /** The store has heard of it. */
  readonly isKnown: boolean;
  readonly hasForeign: boolean;
  /** What the new container of the rollout under way is waited for; null when that is not it, or nobody can tell. */
  readonly awaited: Awaited | null;
  /** What keeps a service that is declared no more from leaving. */
  readonly handOver: PendingHandOver | null;
  /** What the watcher knows of the declared image; null before it looked, when no image is declared, and when nothing is expected of it. */
  readonly image: ImageEntry | null;
  /** What the scheduler knows of the declared expression; null when nothing is planned. */
  readonly schedule: Pick<ScheduleEntry, 'next'> | null;
  /** Tell what the last failed container printed, too. */
  readonly isDetailed: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One row of the status: the phase, and why, in a sentence that a person understands. */
export function describeService(facts: DescribeService): ServiceStatus {
  const { service, spec, record, bars, endpoints, taken = [], schedule, desired, now } = facts;
  const ready = servingContainers(facts);
  const shown = shownRelease(record, ready);
  const { phase, reason } = phaseOf(facts);
  return {
    service,
    phase,
    reason: `${reason}${routesReason(facts)}`,
    image: spec?.service.image ?? shown?.image ?? '',
    digest: shown?.digest ?? null,
    source: shown?.source ?? null,
    release: shown?.release ?? null,
    replicas: { ready: ready.length, wanted: spec ? (spec.service.replicas ?? 1) : 0 },
    since: record?.serving?.since ?? null,
    routes: tableOf(endpoints ?? null)
      .routes.filter((route) => !hasRoute(taken, route))
      .map(({ host, path }) => `${host}${path}`),
    ...(spec && hasPorts(spec) ? { ports: portTexts(spec) } : {}),
    barred: bars.map(({ release, digest, message }) => ({ release, digest, message, wanted: release === desired })),
    waiting: record?.waiting && { ...record.waiting, retryAt: nextTryAt(record.waiting, now).toISOString() },
    registry: registryTrouble(facts),
    lastLines: facts.isDetailed ? record?.last?.lastLines : undefined,
    ...(schedule?.next ? { nextRun: schedule.next } : {}),
    ...(phase === 'removing' && facts.handOver && { handsOverTo: { service: facts.handOver.to, reason: facts.handOver.reason } }),
  };
}

function hasPorts({ port = [], proxied_port = [] }: ServiceSpec): boolean {
  return port.length + proxied_port.length > 0;
}

/** Those of the proxy behind those of the container. */
function portTexts({ port = [], proxied_port = [] }: ServiceSpec): string[] {
  return [...port.map(portText), ...proxied_port.map((each) => `${portText(each)} (proxy)`)];
}

/** As the engine lists it. */
function portText({ host_ip, host, container, protocol = 'tcp' }: NonNullable<ServiceSpec['port']>[number]): string {
  const address = host_ip?.includes(':') ? `[${host_ip}]` : host_ip;
  return `${address === undefined ? '' : `${address}:`}${host}->${container}/${protocol}`;
}

/** An image that the engine has by itself needs no registry; one that is declared by its digest needs it for the pull only. */
function registryTrouble({ image, record }: DescribeService): ServiceStatus['registry'] {
  if (!image || image.state === 'present') return undefined;
  if (image.state === 'unreachable') {
    const { code = 'REGISTRY_UNREACHABLE', message = 'it does not answer', since } = image.trouble ?? {};
    return { state: 'unreachable', code, message, ...(since === undefined ? {} : { since }) };
  }
  if (record?.serving?.source === 'local') return undefined;
  const denied = image.trouble ? ` (${image.trouble.message})` : '';
  return { state: 'absent', code: 'IMAGE_ABSENT', message: `the registry has no image ${image.reference}${denied}` };
}

function phaseOf(facts: DescribeService): { readonly phase: ServicePhase; readonly reason: string } {
  const { spec, record, hasForeign, service, down, unresolved } = facts;
  if (spec && down) {
    const isGone = facts.containers.length === 0;
    return { phase: isGone ? 'stopped' : 'removing', reason: downReason(down) };
  }
  if (!spec && !facts.isKnown) return { phase: 'waiting', reason: unknownReason };
  if (!spec) return { phase: 'removing', reason: `it is declared no more${leavingWords(facts)}` };
  const { waiting, rollout, serving } = record ?? {};
  if (stillLeaves(facts)) return { phase: 'waiting', reason: 'it starts as it is declared now when what it was before has left' };
  if (waiting) {
    const failed = waiting.code === 'START_FAILED' && !serving;
    return {
      phase: failed ? 'failed' : 'waiting',
      reason: `${waiting.message}${waiting.failures > 1 ? ` (tried ${waiting.failures} times)` : ''}`,
    };
  }
  if (rollout)
    return {
      phase: 'rolling',
      reason: `to ${shortDigest(rollout.digest)}: ${rollout.cause}, ${stepWords(rollout, facts)}${rollout.strategy === 'stop-first' ? `; stop-first because ${rollout.strategyReason}` : ''}${unresolved === null ? '' : `; ${otherImage(facts)}`}`,
    };
  if (serving) {
    const { phase, reason } = servingPhase(facts);
    if (unresolved === null) return { phase, reason };
    return { phase, reason: phase === 'serving' ? otherImage(facts) : `${reason}; ${otherImage(facts)}` };
  }
  if (record?.last?.outcome === 'failed') return { phase: 'failed', reason: `${record.last.reason}; ${nextStart(facts)}` };
  if (hasForeign) return { phase: 'waiting', reason: `a container named ${service} exists that Kedge did not make` };
  if (spec.dispenser.initialize === 'on-trigger')
    return { phase: 'idle', reason: spec.dispenser.cron === undefined ? 'it starts on a trigger' : unrunReason(facts) };
  return { phase: 'waiting', reason: 'it has not been looked at yet' };
}

/** It is declared, and what has its name until then is something else. */
function stillLeaves({ spec, record }: DescribeService): boolean {
  return spec !== null && record?.leavingSince !== undefined;
}

/** Why it is still there. */
function leavingWords({ record, bars, handOver }: DescribeService): string {
  if (handOver) return `; ${handOver.reason}`;
  return record && isTakenBack(record, bars) ? '; what its last rollout had stopped comes back first, and is tried every few seconds' : '';
}

/** What is waited for tells more than where the rollout is. */
function stepWords({ step, release }: NonNullable<ReleaseRecord['rollout']>, { awaited, containers, now }: DescribeService): string {
  if (awaited && (awaited.until ?? now) > now) return `starting: ${awaited.words}`;
  const isMade = containers.some(({ kedge }) => kedge?.release === release);
  return step === 'begin' && !isMade ? 'pulling its image or making its container' : step;
}

/** Part of what is declared of its routes is not in force, though nothing about that is under way. */
function routesReason(facts: DescribeService): string {
  if (facts.down || stillLeaves(facts)) return '';
  const [coming, going] = [routesToCome(facts), routesToGo(facts)];
  return [
    coming.length === 0 ? '' : `; declared in [proxy], and in force only with the newer release: ${coming.join(', ')}`,
    going.length === 0 ? '' : `; kept until the service that declares it now serves: ${going.join(', ')}`,
  ].join('');
}

/** What serves is of another image than the declared one. */
function otherImage({ record, unresolved }: DescribeService): string {
  return `what serves is ${record?.serving?.image ?? 'something else'}, and not what is declared: ${unresolved}`;
}

/** What starts again what ended as a thing that runs once. */
function nextStart({ service, spec }: DescribeService): string {
  if (spec?.dispenser.cron !== undefined) return 'its schedule starts it again';
  return `with restart = "no" it is not started again by itself: "kedge deploy ${service}" or a change starts it`;
}

function unrunReason({ schedule }: DescribeService): string {
  if (!schedule)
    return 'its schedule is not planned: no scheduler has taken it up yet, or its cron expression is refused (docker compose logs scheduler)';
  return schedule.next === null ? 'it never runs: its cron expression has no instant in the future' : 'it has not run yet';
}

function servingPhase(facts: DescribeService): { readonly phase: ServicePhase; readonly reason: string } {
  const { spec, record, containers } = facts;
  const wanted = spec?.service.replicas ?? 1;
  const ready = servingContainers(facts).length;
  const own = containers.filter(({ kedge }) => kedge?.release === record?.serving?.release);
  const isJob = spec?.dispenser.cron !== undefined;
  const ended = own.find(({ state }) => state === 'exited');
  if (ready === 0 && ended) return endedPhase(facts, ended.exitCode);
  if (own.length === 0 && record?.comingUp) return { phase: 'waiting', reason: 'it comes up again' };
  if (own.length === 0)
    return isJob ? { phase: 'idle', reason: 'its last run is gone' } : { phase: 'stopped', reason: 'its container is gone' };
  const barred = barredReason(facts);
  if (ready < wanted) return { phase: ready > 0 ? 'serving' : 'waiting', reason: `${ready} of ${wanted} containers are ready${barred}` };
  return { phase: 'serving', reason: barred === '' ? standingReason(facts) : `the older release serves${barred}` };
}

/** Empty when what is wanted now is not barred. */
function barredReason({ bars, desired, record }: DescribeService): string {
  const bar = bars.find(({ release }) => release === desired && release !== record?.serving?.release);
  return bar ? `; the newest release is barred: ${bar.message}` : '';
}

/** How an attempt ended that nobody wants any more is history. */
function standingReason({ record, desired }: DescribeService): string {
  const { last, serving } = record ?? {};
  if (last && last.outcome !== 'succeeded' && desired !== serving?.release) return last.reason;
  const at = serving?.takenOverAt;
  if (at === undefined) return 'all is as declared';
  return `all is as declared; the store was lost, and this was taken over at ${at} from the container's labels: history, bars and holds are gone`;
}

function endedPhase(facts: DescribeService, exitCode: number | null): { readonly phase: ServicePhase; readonly reason: string } {
  const { spec } = facts;
  const ended = decideEnded(spec?.service.restart ?? 'no', exitCode);
  if (spec?.dispenser.cron !== undefined) {
    return { phase: (exitCode ?? 0) === 0 ? 'idle' : 'failed', reason: `its last run ended with code ${exitCode ?? 0}` };
  }
  if (ended.again) return { phase: 'waiting', reason: ended.reason };
  const barred = barredReason(facts);
  if (ended.state === 'completed')
    return { phase: 'completed', reason: barred === '' ? ended.reason : `the older release ended with code 0${barred}` };
  return { phase: 'failed', reason: `it ended with code ${exitCode ?? 0}; ${nextStart(facts)}` };
}
