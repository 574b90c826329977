import type { Bus } from '@kedge/shared/bus';
import type { ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import { errorCode, inLogContext, KedgeError, markPoint, type PassResult, RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { adoptedIds, type PlaceAdopter } from './adopt-place.ts';
import type { RouteAnnouncer } from './announce-routes.ts';
import type { ConcludeFailure } from './conclude-failure.ts';
import { adoptServing } from './core/adopt.ts';
import { downReason } from './core/down-reason.ts';
import { isKnown, unknownReason } from './core/known-service.ts';
import { nameTakenMessage } from './core/name-taken.ts';
import { isNewlyBlocked } from './core/obstacles.ts';
import { needsItsPlace } from './core/plan-arrival.ts';
import { planRemoval } from './core/plan-removal.ts';
import type { Step } from './core/step.ts';
import { timingsOf } from './core/timings.ts';
import { decideService } from './decide-service.ts';
import type { ForgetService } from './forget-service.ts';
import type { DependencyGuard } from './guard-dependencies.ts';
import type { PortGuard } from './guard-ports.ts';
import type { VolumeGuard } from './guard-volumes.ts';
import type { HandOvers } from './hand-over.ts';
import type { Memory } from './memory.ts';
import type { ObserveService, World } from './observe-service.ts';
import type { PerformStep, StepContext } from './perform-step.ts';
import { mayDestroy, type PlanMode, type PlanService } from './plan-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { FailureRecorder } from './record-failure.ts';
import type { RecordObstacle } from './record-obstacle.ts';
import type { RolloutRecorder } from './record-rollout.ts';
import { comesUpAsItWas, isServingAs, lagsBehind, type StandingRecorder } from './record-standing.ts';
import type { RunAdvancer } from './run-job.ts';
import type { ProxyWatch } from './watch-proxies.ts';
import { type RecordWriter, traceOf } from './write-record.ts';

interface ReconcilePorts {
  readonly bus: Bus;
  readonly engine: ContainerEngine;
  readonly log: Logger;
  readonly memory: Memory;
  readonly observe: ObserveService;
  readonly plan: PlanService;
  readonly perform: PerformStep;
  readonly conclude: ConcludeFailure;
  readonly recorder: RolloutRecorder;
  readonly standing: StandingRecorder;
  readonly failures: FailureRecorder;
  readonly noteObstacle: RecordObstacle;
  readonly write: RecordWriter;
  readonly routes: RouteAnnouncer;
  readonly proxies: ProxyWatch;
  readonly runs: RunAdvancer;
  readonly forget: ForgetService;
  readonly handOvers: HandOvers;
  readonly adopter: PlaceAdopter;
  /** Told when nothing is left of a service: what only it needed can go too. */
  readonly onGone: () => void;
  readonly assertDependencies: DependencyGuard;
  readonly assertPortsFree: PortGuard;
  readonly assertVolumesFree: VolumeGuard;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
}

/** A round ends with a rest until something wakes the service, with a later look, or at once with another round. */
type Round = PassResult | 'again';

const blockedLookMs = 100;

/** A request lifted the pin of a service that is not watched; what serves now is what it stays with. */
function lostItsPin({ spec, record }: World): boolean {
  return spec?.dispenser.watch === false && record?.value.pinned === undefined && record?.value.serving?.image === spec.service.image;
}

/** More rounds in one pass mean that something undoes what we do; a pause keeps that from burning the machine. */
const maxRounds = 60;
/** Codes of which nothing has to be remembered: the next look decides. */
const passing = new Set([
  'WORLD_MOVED',
  'CONTAINER_GONE',
  'IMAGE_MISSING',
  'ADDRESS_TAKEN',
  'PORT_COMING',
  'STANDING_BY',
  'BUS_UNAVAILABLE',
  'REQUEST_UNANSWERED',
]);
const passingAfterMs = 500;

/** One pass over one service: look, decide, do the next steps, and look again until nothing is left to do or something has to be waited for. */
export function createReconciler(ports: ReconcilePorts): (service: ServiceName) => Promise<PassResult> {
  const { bus, memory, recorder, standing, failures } = ports;

  return async function reconcile(service) {
    for (let round = 0; round < maxRounds; round += 1) {
      if (!ports.mayAct()) return {};
      const world = await ports.observe(service);
      if (!world) return {};
      const ended = await inLogContext(traceOf(world), () => guarded(world));
      if (ended !== 'again') return ended;
    }
    ports.log.warn({ service, rounds: maxRounds }, 'a pass did not come to an end');
    return { requeueAfterMs: 5_000 };
  };

  /** What stands in the way is no verdict about a release: it is noted, shown, and tried again. */
  async function guarded(world: World): Promise<Round> {
    try {
      // Proxies learn of a table before anything is decided from the time they had to apply it.
      await ports.routes.heal(world, false);
      return world.spec ? await keep(world, world.spec) : await remove(world);
    } catch (thrown) {
      if (!(thrown instanceof KedgeError)) throw thrown;
      const { code, message } = thrown;
      if (passing.has(code)) return { requeueAfterMs: passingAfterMs };
      ports.log.warn({ code, reason: message }, 'an obstacle is in the way');
      const requeueAfterMs = await noteObstacle(world, thrown);
      // What serves is looked after at once; where the old release had to stop first, it comes back.
      return { requeueAfterMs: isNewlyBlocked(world.record?.value, world.now) ? Math.min(requeueAfterMs, blockedLookMs) : requeueAfterMs };
    }
  }

  /** An engine that does not answer at all ends the pass, and whoever drives passes comes back soon. */
  async function noteObstacle({ service }: World, thrown: KedgeError): Promise<number> {
    try {
      // Steps before the obstacle may have changed the record.
      const fresh = await ports.observe(service);
      if (!fresh?.spec) return 5_000;
      // Where the old release had to stop first it is coming back; elsewhere requests would be held for nobody.
      if (fresh.record?.value.rollout?.strategy !== 'stop-first') await ports.routes.release(fresh);
      const retryAfterMs = thrown instanceof RetryableError ? thrown.retryAfterMs : undefined;
      return await ports.noteObstacle(fresh, { code: thrown.code, message: thrown.message, retryAfterMs });
    } catch (again) {
      if (!passing.has(errorCode(again))) throw again;
      return passingAfterMs;
    }
  }

  async function keep(world: World, spec: ServiceSpec): Promise<Round> {
    if ((await adopted(world)) || (await ports.adopter.conclude(world))) return 'again';
    if (world.record?.value.leavingSince !== undefined) {
      // Something else under the name of what leaves starts when that is gone; what is gone, and was said to be, begins anew.
      if (world.record.value.goneAt !== undefined || !isServingAs(world, spec)) return await remove(world);
      if (comesUpAsItWas(world, spec)) await ports.assertDependencies(world, spec);
      await standing.comeBack(world);
      return 'again';
    }
    const circumstances = { requested: memory.requests.has(world.service), busy: ports.runs.isBusy(world.service) };
    const decision = decideService({ ...world, spec }, circumstances);
    switch (decision.kind) {
      case 'rest':
        if (!decision.pin) return await settled(world);
        await standing.pin(world, decision.pin);
        return 'again';
      case 'wait':
        await ports.routes.release(world);
        return { requeueAfterMs: await ports.noteObstacle(world, decision) };
      case 'begin':
        await recorder.begin(world, {
          spec,
          desired: decision.desired,
          cause: decision.cause,
          asked: memory.requests.get(world.service),
          woken: memory.causes.get(world.service),
        });
        forgetCauses(world.service);
        return 'again';
      case 'judged':
        await ports.conclude(world, decision.bar);
        return 'again';
      case 'abandon':
        await failures.abandon(world, decision.reason);
        return 'again';
      case 'roll':
        return await follow(world, 'rollout');
      case 'restore':
        return await follow(world, 'restore');
      case 'maintain':
        return await follow(world, 'maintain');
      default:
        return decision satisfies never;
    }
  }

  async function follow(world: World, mode: PlanMode): Promise<Round> {
    const { steps, ...context } = await ports.plan(world, mode);
    if (steps.length === 0) return await settled(world);
    if (steps.some(({ kind }) => kind === 'create' || kind === 'start')) assertNameIsFree(world);
    if (world.spec && comesAfterOthers(world, mode) && steps.some(({ kind }) => kind === 'start'))
      await ports.assertDependencies(world, world.spec);
    if (context.making && steps.some(needsItsPlace)) {
      await ports.assertPortsFree(world, { spec: context.making.spec, steps });
      await ports.assertVolumesFree(world, context.making.spec);
    }
    if (context.making && steps.some(({ kind }) => kind === 'start')) await ports.adopter.makeRoom(world, context.making.spec);
    return await performAll(steps, { ...context, world });
  }

  async function performAll(steps: readonly Step[], context: StepContext): Promise<Round> {
    for (const step of steps) {
      if (step.kind === 'look-again') return { requeueAfterMs: step.afterMs };
      markPoint(`step.${step.kind}:before`);
      // Whoever was held up for longer than the lease lives must not go on where another instance went on already.
      if (!ports.mayAct()) return {};
      const { requeueAfterMs } = await ports.perform(step, context);
      markPoint(`step.${step.kind}:after`);
      if (requeueAfterMs !== undefined) return { requeueAfterMs };
    }
    return 'again';
  }

  /** Nothing is left to do: debts are paid, and what stood in the way is forgotten. */
  async function settled(world: World): Promise<Round> {
    if (await ports.routes.release(world)) return 'again';
    const isQuiet = (world.endpoints?.value.targets ?? []).every(({ state }) => state === 'ready');
    await ports.routes.heal(world, isQuiet);
    forgetCauses(world.service);
    const { record } = world;
    const waiting = record?.value.waiting;
    const rollout = record?.value.rollout;
    const retryAfterMs = waiting ? Date.parse(waiting.retryAt) - world.now : 0;
    if (waiting && rollout) return { requeueAfterMs: Math.max(250, retryAfterMs) };
    if (ports.runs.isBusy(world.service)) return retryAfterMs > 0 ? { requeueAfterMs: retryAfterMs } : await ports.runs.advance(world);
    if (await ports.runs.giveNameBack(world)) return 'again';
    if (waiting || lostItsPin(world) || lagsBehind(world)) await standing.settle(world);
    return {};
  }

  function forgetCauses(service: ServiceName): void {
    memory.requests.delete(service);
    memory.causes.delete(service);
  }

  async function remove(world: World): Promise<Round> {
    const { service, record, containers, endpoints, foreign, quietForMs, now, down } = world;
    if (containers.length > 0 && !down && !isKnown(world) && !ports.runs.isBusy(service)) {
      if (memory.isNews(service, 'unknown')) ports.log.warn({ containers: containers.length }, unknownReason);
      return {};
    }
    if (record?.value.rollout) {
      await failures.abandon(world, down ? downReason(down) : 'the service is declared no more');
      return 'again';
    }
    const handOver = down ? null : await ports.handOvers.pending(world);
    if (handOver) {
      const { to, reason } = handOver;
      if (memory.isNews(service, `hand-over ${to}`)) ports.log.info({ to, reason }, 'a removal waits for a route to move');
      if (ports.runs.isBusy(service)) return {};
    }
    // What runs was made of what serves; without a record nobody knows better than the defaults.
    const timings = timingsOf(record?.value.serving?.spec ?? null);
    const steps = planRemoval({
      service,
      containers,
      serving: record?.value.serving?.release ?? null,
      stays: handOver !== null,
      endpoints: endpoints?.value ?? null,
      proof: await ports.proxies.prove(world),
      quietForMs,
      drainingSince: ports.routes.knownSince(world),
      timings,
      mayDestroy: mayDestroy(bus),
      nameIsForeign: foreign !== null,
      now,
    });
    if (steps.length > 0 && !handOver && record && record.value.leavingSince === undefined) {
      await standing.leave(world);
      return 'again';
    }
    if (steps.length > 0) return await performAll(steps, { world, making: null, timings });
    if (handOver) return {};
    // What was taken down comes up again as it was.
    if (down) {
      await ports.runs.close(world);
      await ports.routes.drop(world);
    } else {
      await ports.forget(world);
      if (isKnown(world)) ports.onGone();
    }
    forgetCauses(service);
    return {};
  }

  /** A lost record is made again from what runs; losing it rolls nothing. */
  async function adopted(world: World): Promise<boolean> {
    const serving = world.record ? null : adoptServing(world.service, world.containers);
    if (!serving) return false;
    ports.log.info({ release: serving.release }, 'took over containers whose record was lost');
    const takenOverAt = new Date(world.now).toISOString();
    await ports.write(world, (record) => ({ ...record, serving: { ...serving, takenOverAt } }));
    return true;
  }

  function assertNameIsFree({ service, record, foreign }: World): void {
    if (!foreign || record?.value.serving || adoptedIds(record?.value).includes(foreign.id)) return;
    throw new RetryableError('NAME_TAKEN', nameTakenMessage(service, foreign), { details: { container: foreign.id } });
  }
}

/** What serves is repaired whatever became of others; only a start of something new waits for them. */
function comesAfterOthers({ record }: World, mode: PlanMode): boolean {
  return mode === 'rollout' || !record?.value.serving;
}
