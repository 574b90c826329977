import type { Bus, Entry } from '@kedge/shared/bus';
import { type RunRecord, releaseName, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import { errorCode, errorMessage, type PassResult } from '@kedge/shared/kernel';
import { ulid } from 'ulid';
import { chooseRun } from './choose-run.ts';
import type { RunCloser } from './close-runs.ts';
import { containerName } from './core/container-name.ts';
import { findContainer } from './core/find-container.ts';
import type { RunStep } from './core/plan-run.ts';
import { runName } from './core/run-name.ts';
import type { DependencyGuard } from './guard-dependencies.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { VolumeGuard } from './guard-volumes.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { ContainerMaker } from './make-container.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { ImagePuller } from './pull-images.ts';
import type { ReattachContainer } from './reattach-container.ts';
import type { RunRecorder } from './record-run.ts';
import type { StartContainer } from './start-container.ts';
import type { RecordWriter } from './write-record.ts';

interface PerformPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'inspect' | 'remove' | 'rename'>;
  readonly memory: Pick<Memory, 'taken'>;
  readonly maker: ContainerMaker;
  readonly puller: ImagePuller;
  readonly recorder: RunRecorder;
  readonly closer: RunCloser;
  readonly write: RecordWriter;
  readonly start: StartContainer;
  readonly reattach: ReattachContainer;
  readonly networks: Pick<NetworkKeeper, 'together'>;
  readonly assertMayDestroy: DestructionGuard;
  readonly assertDependencies: DependencyGuard;
  readonly assertVolumesFree: VolumeGuard;
}

/** What a step is performed with. */
export interface RunContext {
  readonly world: World & { readonly spec: ServiceSpec };
  readonly entry: Entry<RunRecord>;
}

/** Resolves to a time to wait when the step needs it before anything follows. */
export type PerformRunStep = (step: Exclude<RunStep, { kind: 'look-again' }>, context: RunContext) => Promise<PassResult>;

/** Between two looks at a pull under way. */
const pullLookMs = 250;

/** Each step may be repeated after a death before, in or after it. */
export function createRunPerformer(ports: PerformPorts): PerformRunStep {
  const { bus, engine, memory, maker, puller, recorder, closer, networks, assertMayDestroy } = ports;

  async function make({ world, entry }: RunContext): Promise<PassResult> {
    const making = chooseRun(world, entry.value);
    const isMissing = (await maker.findImage(making)) === null;
    if (isMissing && (await puller.pull(making)) === 'running') return { requeueAfterMs: pullLookMs };
    const name = containerName({ service: world.service, release: making.release, slot: 0 });
    await networks.together(() => maker.create(world, { making, slot: 0, name }));
    return {};
  }

  async function start(id: string, context: RunContext): Promise<void> {
    const { world, entry } = context;
    const { spec } = chooseRun(world, entry.value);
    await ports.assertDependencies(world, spec, 'release');
    await ports.assertVolumesFree(world, { spec, steps: [{ kind: 'start', id }] });
    // Whatever comes of it, nobody starts it under this name again.
    memory.taken.delete(world.service);
    try {
      if ((await ports.start(world, { id, spec, isNamed: world.foreign === null })) === 'started') await noteStart(id, context);
    } catch (thrown) {
      if (errorCode(thrown) !== 'START_REFUSED') throw thrown;
      // Trying again would be refused again; the next instant tries anyway, with whatever is declared then.
      await recorder.skipped(entry, { reason: 'not-started', message: errorMessage(thrown) });
    }
  }

  async function take(id: string, { world, entry }: RunContext): Promise<void> {
    const name = runName({ service: world.service, instant: entry.value.instant, attempt: ulid().slice(-8).toLowerCase() });
    await engine.rename(id, name);
    memory.taken.set(world.service, name);
  }

  /** What ran last goes first: the run stays one to be noted until both are written. */
  async function noteStart(id: string, { world, entry }: RunContext): Promise<void> {
    const container = (await engine.inspect(id)) ?? findContainer(world, id);
    await noteServing(container, world);
    await recorder.started(entry, container);
  }

  /** The container tells what it was made of; something else may be declared by now. */
  async function noteServing({ kedge, startedAt }: ObservedContainer, world: RunContext['world']): Promise<void> {
    const before = world.record?.value;
    const rollout = Ulid.safeParse(kedge?.rollout);
    if (!kedge || !rollout.success || (before?.serving?.release === kedge.release && !before.waiting)) return;
    const { release, image, digest, source } = kedge;
    const spec = releaseName(world.spec, digest) === release ? world.spec : undefined;
    const since = (startedAt ?? new Date(world.now)).toISOString();
    const serving = { release, image, digest, source, since, rollout: rollout.data, ...(spec && { spec }) };
    await ports.write(world, ({ waiting: _waiting, ...record }) => ({
      ...record,
      serving: record.serving?.release === release ? record.serving : serving,
      pinned: { image, digest, source },
    }));
  }

  async function act(step: Exclude<RunStep, { kind: 'look-again' | 'make' }>, context: RunContext): Promise<void> {
    const { world, entry } = context;
    switch (step.kind) {
      case 'reattach':
        return await networks.together(() => ports.reattach(world, step));
      case 'skip':
        return await recorder.skipped(entry, step);
      case 'clear':
        assertMayDestroy();
        for (const id of step.ids) await engine.remove(id, { service: world.service, node: bus.node });
        return;
      case 'rename':
        return await engine.rename(step.id, step.name);
      case 'assign':
        return await recorder.assign(entry, findContainer(world, step.id));
      case 'take':
        return await take(step.id, context);
      case 'start':
        return await start(step.id, context);
      case 'note-start':
        return await noteStart(step.id, context);
      case 'finish':
        return await closer.ended(entry, findContainer(world, step.id));
      case 'lost':
        return await closer.lost(entry, step.message);
      default:
        return step satisfies never;
    }
  }

  return async function perform(step, context) {
    if (step.kind === 'make') return await make(context);
    await act(step, context);
    return {};
  };
}
