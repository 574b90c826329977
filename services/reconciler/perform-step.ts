import type { Bus } from '@kedge/shared/bus';
import { errorCode, errorMessage, type PassResult, RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { RouteAnnouncer } from './announce-routes.ts';
import type { RunCloser } from './close-runs.ts';
import { type ConcludeFailure, hasEnded } from './conclude-failure.ts';
import { findContainer } from './core/find-container.ts';
import { describeStep, type Step } from './core/step.ts';
import type { Timings } from './core/timings.ts';
import type { FindAwaited } from './find-awaited.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { ContainerMaker, Making } from './make-container.ts';
import type { Memory } from './memory.ts';
import type { NameContainer } from './name-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { ImagePuller } from './pull-images.ts';
import type { ReattachContainer } from './reattach-container.ts';
import type { FailureRecorder } from './record-failure.ts';
import type { RolloutRecorder } from './record-rollout.ts';
import type { AddressRest } from './rest-addresses.ts';
import type { StartContainer } from './start-container.ts';

interface PerformPorts {
  readonly bus: Bus;
  readonly engine: ContainerEngine;
  readonly memory: Memory;
  readonly log: Logger;
  readonly maker: ContainerMaker;
  readonly rest: Pick<AddressRest, 'retire'>;
  readonly puller: ImagePuller;
  readonly routes: RouteAnnouncer;
  readonly recorder: RolloutRecorder;
  readonly failures: FailureRecorder;
  readonly conclude: ConcludeFailure;
  readonly reattach: ReattachContainer;
  readonly start: StartContainer;
  readonly findAwaited: FindAwaited;
  readonly name: NameContainer;
  /** Told before a container is removed: the run of a job may be its. */
  readonly runLeaves: RunCloser['containerLeaves'];
  readonly networks: Pick<NetworkKeeper, 'together'>;
  readonly assertMayDestroy: DestructionGuard;
}

/** What a step is performed with. */
export interface StepContext {
  readonly world: World;
  /** The release that is made; null when nothing can be made (removal, or its spec is gone). */
  readonly making: Making | null;
  readonly timings: Timings;
}

/** Resolves to a time to wait when the step needs it before anything follows. */
export type PerformStep = (step: Exclude<Step, { kind: 'look-again' }>, context: StepContext) => Promise<PassResult>;

/** Between two looks at a pull under way. */
const pullLookMs = 250;

/** Steps that put a container on its networks. */
const attaching: ReadonlySet<Step['kind']> = new Set(['create', 'reattach', 'alias', 'drop-alias']);

/** Each step may be repeated after a death before, in or after it. */
export function createPerformer(ports: PerformPorts): PerformStep {
  const { bus, engine, memory, log, maker, routes, recorder, assertMayDestroy } = ports;

  async function start(id: string, context: StepContext): Promise<PassResult> {
    const { world, making } = context;
    try {
      await ports.start(world, { id, spec: making?.spec ?? null });
    } catch (thrown) {
      if (errorCode(thrown) !== 'START_REFUSED' || !isOfRollout(context)) throw thrown;
      return await judgeRefused(id, errorMessage(thrown), context);
    }
    if (isOfRollout(context))
      await recorder.progress(world, { step: 'starting', message: `the new containers start${await waitWords(id, context)}` });
    return {};
  }

  /** What comes next may take long, so it is told for how long. */
  async function waitWords(id: string, { world, making }: StepContext): Promise<string> {
    const container = await engine.inspect(id);
    const step = world.record?.value.rollout?.step ?? '';
    const awaited = container && making && (await ports.findAwaited({ spec: making.spec, container, step }));
    return awaited ? `; each ${awaited.words}` : '';
  }

  /** A release that cannot be started will not be by trying again: that is a verdict, and nothing else of the plan counts any more. */
  async function judgeRefused(id: string, message: string, { world, making }: StepContext): Promise<PassResult> {
    const container = (await engine.inspect(id)) ?? findContainer(world, id);
    await ports.conclude(world, { reason: 'crashed', message, container, policy: making?.spec.service.restart ?? 'no' });
    return { requeueAfterMs: 0 };
  }

  async function fail(step: Extract<Step, { kind: 'fail' }>, { world, making, timings }: StepContext): Promise<void> {
    const container = findContainer(world, step.id);
    await ports.conclude(world, { ...step, reason: step.verdict, container, policy: making?.spec.service.restart ?? 'no' });
    // What never served stays for whoever looks into it, but the engine must not restart it for ever.
    if (!hasEnded(container) && world.record?.value.serving == null) await stop(container.id, timings);
  }

  async function stop(id: string, { graceMs }: Timings): Promise<void> {
    assertMayDestroy();
    memory.stopping.add(id);
    await engine.stop(id, graceMs);
  }

  return async function perform(step, context) {
    if (step.kind === 'pull') return await pull(context);
    tell(step, context);
    if (step.kind === 'start') return await start(step.id, context);
    if (attaching.has(step.kind)) await ports.networks.together(() => act(step, context));
    else await act(step, context);
    return {};
  };

  async function pull({ world, making }: StepContext): Promise<PassResult> {
    await recorder.progress(world, { step: 'pulling', message: 'the image is pulled' });
    return (await ports.puller.pull(madeOf(making))) === 'running' ? { requeueAfterMs: pullLookMs } : {};
  }

  function tell(step: Step, { making }: StepContext): void {
    log.info({ release: making?.release, step: step.kind }, describeStep(step));
  }

  async function act(step: Exclude<Step, { kind: 'look-again' | 'pull' | 'start' }>, context: StepContext): Promise<void> {
    const { world, making, timings } = context;
    const { service, record } = world;
    const rollout = record?.value.rollout?.id;
    switch (step.kind) {
      case 'create':
        await maker.create(world, { making: madeOf(making), slot: step.slot, name: step.name });
        return;
      case 'reattach':
        return await ports.reattach(world, step);
      case 'alias':
        return await ports.name(world, { id: step.id, isNamed: true });
      case 'drop-alias':
        return await ports.name(world, { id: step.id, isNamed: false });
      case 'rename':
        return await engine.rename(step.id, step.name);
      case 'route':
        return await routes.write(world, { table: step.table, rollout });
      case 'unroute':
        return await routes.drop(world);
      case 'listening':
        return await recorder.listening(world, step.port);
      case 'switched':
        return await recorder.switched(world);
      case 'unproven':
        return await recorder.unproven(world, step);
      case 'settle':
        return await recorder.settling(world);
      case 'stop':
        return await stop(step.id, timings);
      case 'remove':
        assertMayDestroy();
        await ports.runLeaves(world, step.id);
        if (step.address !== null) await ports.rest.retire(step.address);
        await engine.remove(step.id, { service, node: bus.node });
        memory.stopping.delete(step.id);
        return;
      case 'fail':
        return await fail(step, context);
      case 'finish':
        return await recorder.finish(world, making?.spec ?? null);
      case 'restored':
        return await ports.failures.restored(world, step.late ?? false);
      default:
        return step satisfies never;
    }
  }
}

/** The steps make the release of the rollout under way, not the one that served before. */
function isOfRollout({ world, making }: StepContext): boolean {
  return making !== null && making.rollout === world.record?.value.rollout?.id;
}

function madeOf(making: Making | null): Making {
  if (!making) throw new RetryableError('WORLD_MOVED', 'the release is declared no more; looking again');
  return making;
}
