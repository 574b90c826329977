import type { Bus } from '@kedge/shared/bus';
import { allRoutes, routingOf, type ServiceName } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { RouteAnnouncer } from './announce-routes.ts';
import { downReason } from './core/down-reason.ts';
import { hasRoute } from './core/endpoints.ts';
import type { PendingHandOver } from './core/hand-over.ts';
import { isKnown, unknownReason } from './core/known-service.ts';
import { planRemoval, type RemainingRoutes } from './core/plan-removal.ts';
import { timingsOf } from './core/timings.ts';
import type { ForgetService } from './forget-service.ts';
import { hasHeardProxies } from './guard-destruction.ts';
import { type HandOvers, noHeirs } from './hand-over.ts';
import { isNamedForLife } from './judge-containers.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { PerformSteps, Round } from './perform-steps.ts';
import type { FailureRecorder } from './record-failure.ts';
import type { StandingRecorder } from './record-standing.ts';
import type { RunAdvancer } from './run-job.ts';
import type { ProxyWatch } from './watch-proxies.ts';

interface RemovePorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly memory: Memory;
  readonly performAll: PerformSteps;
  readonly failures: Pick<FailureRecorder, 'abandon'>;
  readonly standing: Pick<StandingRecorder, 'leave'>;
  readonly routes: RouteAnnouncer;
  readonly proxies: ProxyWatch;
  readonly handOvers: Pick<HandOvers, 'pending' | 'awaited' | 'heirs'>;
  readonly runs: Pick<RunAdvancer, 'isBusy' | 'close'>;
  readonly forget: ForgetService;
  /** Told when nothing is left of a service: what only it needed can go too. */
  readonly onGone: () => void;
}

/** What of a service outlasts its declaration. */
interface Kept {
  readonly handOver: PendingHandOver | null;
  readonly remaining: RemainingRoutes;
}

/** How long a service that is new takes to say what it waits for, in milliseconds. */
const mayBeginMs = 1_000;
/** Requests wait for so long at most for a service that takes a route over, and starts when the one before is gone. */
const awaitsHeirMs = 120_000;
/** Where something else is declared under the name, it waits no longer than that when the one before is gone. */
const awaitsHeirAsOtherMs = 10_000;

/** One round over a service that is declared no more, or has to be down. */
export type RemoveService = (world: World) => Promise<Round>;

/** Containers of a service that the store has never heard of stay. */
export function createRemover(ports: RemovePorts): RemoveService {
  const { bus, log, memory, failures, standing, routes, runs } = ports;
  /** For an heir that nobody tells of, each with its last look; lost with the process. */
  const waits = new Map<ServiceName, { readonly since: number; readonly lookedAt: number; readonly revision: string }>();

  return async function remove(world) {
    const { service, record, containers, down } = world;
    if (containers.length > 0 && !down && !isKnown(world) && !runs.isBusy(service)) {
      if (memory.isNews(service, 'unknown')) log.warn({ containers: containers.length }, unknownReason);
      return {};
    }
    if (record?.value.rollout) {
      const hasStopped = record.value.rollout.stopsSince !== undefined;
      const { areInPlace, areComing } = down || !hasStopped ? noHeirs : await ports.handOvers.heirs(world);
      const isAwaited = areComing && !areInPlace;
      // Who is new may only not have begun yet.
      if (isAwaited && waitedMs(world) < mayBeginMs) return { requeueAfterMs: 200 };
      // What the rollout stopped comes back before the service leaves, where somebody is to have its place who may not come.
      const served = isAwaited ? (record.value.serving?.spec ?? null) : null;
      await failures.abandon({ ...world, spec: served }, down ? downReason(down) : 'the service is declared no more');
      return 'again';
    }
    const handOver = down ? null : await ports.handOvers.pending(world);
    if (handOver) {
      const { to, reason } = handOver;
      if (memory.isNews(service, `hand-over ${to}`)) log.info({ to, reason }, 'a removal waits for who takes over');
      if (runs.isBusy(service)) return {};
    }
    const remaining = await remainingOf(world, handOver);
    const left = await takeAway(world, { handOver, remaining });
    if (left) return left;
    if (remaining.awaited) return { requeueAfterMs: heirMayTakeMs(world) };
    if (handOver) return handOver.isUnsaid ? { requeueAfterMs: lookAgainMs(world) } : {};
    waits.delete(service);
    await forget(world);
    // Something else is declared under its name, and starts now.
    return world.spec ? 'again' : {};
  };

  /** Since it was looked at first for an heir, as one that this configuration declares. */
  function waitedMs({ service, now, manifest: { revision } }: World): number {
    const before = waits.get(service);
    const since = before?.revision === revision ? before.since : now;
    waits.set(service, { since, lookedAt: now, revision });
    return now - since;
  }

  /** Often, for a moment; the more rarely, the more of them look. */
  function lookAgainMs(world: World): number {
    const everyMs = waitedMs(world) < 60_000 ? 1_000 : 10_000;
    const looking = [...waits.values()].filter(({ lookedAt }) => world.now - lookedAt < 60_000).length;
    return everyMs * Math.ceil(looking / 4);
  }

  async function remainingOf(world: World, handOver: PendingHandOver | null): Promise<RemainingRoutes> {
    if (world.down) return { routes: kept(world), awaited: false };
    const routes = handOver || heirMayTakeMs(world) === 0 ? [] : await ports.handOvers.awaited(world);
    return { routes, awaited: routes.length > 0 };
  }

  /** Null when nothing is left that has to go. */
  async function takeAway(world: World, { handOver, remaining }: Kept): Promise<Round | null> {
    const { service, record, containers, endpoints, foreign, quietForMs, now } = world;
    // What runs was made of what serves; without a record nobody knows better than the defaults.
    const serving = record?.value.serving;
    const declared = timingsOf(serving?.spec ?? null);
    // Nobody gets its name, so nobody learns who has it now, and requests wait for the heir.
    const timings = remaining.awaited ? { ...declared, settleMs: 0 } : declared;
    const steps = planRemoval({
      service,
      containers,
      serving: serving?.release ?? null,
      stays: handOver !== null,
      remaining,
      endpoints: endpoints?.value ?? null,
      proof: await ports.proxies.prove(world),
      quietForMs,
      drainingSince: routes.knownSince(world),
      timings,
      mayDestroy: hasHeardProxies(bus),
      nameIsForeign: foreign !== null,
      namedForLife: serving?.spec !== undefined && isNamedForLife(serving.spec),
      now,
    });
    // What is down comes up in its order, also what was gone before.
    const leaves = steps.length > 0 || remaining.awaited || world.down !== null;
    if (leaves && !handOver && record && record.value.leavingSince === undefined) {
      await standing.leave(world);
      return 'again';
    }
    if (steps.length === 0) return null;
    return await ports.performAll(steps, { world, making: null, timings });
  }

  /** What was taken down comes up again as it was, and its routes stay until then. */
  async function forget(world: World): Promise<void> {
    if (world.down) {
      await runs.close(world);
      await (kept(world).length > 0 ? routes.heal(world, true) : routes.drop(world));
    } else {
      await ports.forget(world);
      if (isKnown(world)) ports.onGone();
    }
    memory.forgetCauses(world.service);
  }
}

/** Of what is down and still declared: whoever asks is told that nobody serves, rather than that there is no such place. */
function kept({ declared, endpoints }: World): RemainingRoutes['routes'] {
  const own = (declared && routingOf(declared)?.routes) ?? [];
  return (endpoints ? allRoutes(endpoints.value) : []).filter((route) => hasRoute(own, route));
}

/** How much is left of that, in milliseconds; 0 without a record, which alone remembers since when. */
function heirMayTakeMs({ record, endpoints, containers, spec, now }: World): number {
  if (!record) return 0;
  const { leavingSince } = record.value;
  const leftMs = awaitsHeirMs - (leavingSince === undefined ? 0 : now - Date.parse(leavingSince));
  // Its last target leaves the table when the last container is gone.
  const isGone = containers.length === 0 && endpoints?.value.targets.length === 0;
  const goneMs = isGone ? now - endpoints.writtenAt.getTime() : 0;
  return Math.max(0, spec ? Math.min(leftMs, awaitsHeirAsOtherMs - goneMs) : leftMs);
}
