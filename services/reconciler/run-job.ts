import { Buffer } from 'node:buffer';
import { type Bus, type Entry, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { type OwedEvent, type ReleaseName, type RunRecord, releaseName, type ServiceName, type ServiceSpec } from '@kedge/shared/contracts';
import { errorCode, errorMessage, markPoint, type PassResult, RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { ulid } from 'ulid';
import { type ClaimRun, createRunClaimer } from './claim-run.ts';
import { containerName } from './core/container-name.ts';
import { planRun, type RunStep } from './core/plan-run.ts';
import { chooseImageOf } from './decide-service.ts';
import type { DependencyGuard } from './guard-dependencies.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { VolumeGuard } from './guard-volumes.ts';
import { createRunKeeper } from './keep-runs.ts';
import type { ContainerMaker, Making } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { Clock, ContainerEngine } from './ports.ts';
import type { ImagePuller } from './pull-images.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';
import { type RecordWriter, worldMoved } from './write-record.ts';

interface RunPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maker: ContainerMaker;
  readonly puller: ImagePuller;
  readonly ledger: RunLedger;
  readonly write: RecordWriter;
  readonly assertMayDestroy: DestructionGuard;
  readonly assertDependencies: DependencyGuard;
  readonly assertVolumesFree: VolumeGuard;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
}

export interface RunAdvancer {
  /** True while a run of the service was claimed and has not ended. */
  isBusy(service: ServiceName): boolean;
  /** Does the next step of the oldest open run. */
  advance(world: World): Promise<PassResult | 'again'>;
  readonly claim: ClaimRun;
  forget(world: World): Promise<void>;
}

interface RunContext {
  readonly world: World;
  readonly entry: Entry<RunRecord>;
  readonly making: Making;
}

/** Between two looks at a pull under way. */
const pullLookMs = 250;
const maxOutputBytes = 64 * 1024;

export function createRunAdvancer({
  bus,
  stores,
  engine,
  clock,
  log,
  maker,
  puller,
  ledger,
  write,
  assertMayDestroy,
  assertDependencies,
  assertVolumesFree,
  mayAct,
}: RunPorts): RunAdvancer {
  const nowText = () => clock.now().toISOString();
  const keeper = createRunKeeper({ stores, ledger });

  /** Writes the next state of a run and says what it owes. */
  async function change(entry: Entry<RunRecord>, changes: Partial<RunRecord>, owed: OwedEvent): Promise<void> {
    const value: RunRecord = { ...entry.value, ...changes, owes: [owed] };
    const written = await writeThenSay(bus, stores.runs, entry.key, entry, value);
    if (!written) throw worldMoved(entry.key);
    ledger.note(written.value);
  }

  async function advance(world: World): Promise<PassResult | 'again'> {
    const key = ledger.open(world.service)[0];
    const { spec, service } = world;
    if (key === undefined || !spec) return {};
    const stored = await stores.runs.get(key);
    if (!stored) {
      ledger.drop(key);
      return 'again';
    }
    const entry = await sayOwed(bus, stores.runs, stored);
    // It may have ended already, and only the reply to that write was lost.
    ledger.note(entry.value);
    if (!ledger.open(service).includes(key)) return 'again';
    const making = makingOf(world, spec, entry.value);
    const step = planRun({
      run: entry.value,
      claimedAt: stored.writtenAt.getTime(),
      release: making.release,
      recreate: spec.dispenser.pull === 'always',
      containers: world.containers,
      now: world.now,
    });
    if (step.kind === 'look-again') return { requeueAfterMs: step.afterMs };
    log.info({ service, instant: entry.value.instant, step: step.kind }, 'job step');
    markPoint(`run.${step.kind}:before`);
    // Another instance may have run it already while this one was held up.
    if (!mayAct()) return {};
    const ended = await perform(step, { world, entry, making });
    markPoint(`run.${step.kind}:after`);
    return ended;
  }

  /** What the run is made of: what the registry says now, or, while it runs, what it was started with. */
  function makingOf(world: World, spec: ServiceSpec, run: RunRecord): Making {
    const choice = chooseImageOf(world, spec, true);
    if (choice.kind === 'waiting') throw new RetryableError(choice.code, choice.message);
    const release: ReleaseName = run.release ?? releaseName(spec, choice.digest);
    const serving = world.record?.value.serving;
    const rollout = serving?.release === release ? serving.rollout : ulid(Date.parse(run.instant));
    return { spec, release, digest: choice.digest, source: choice.source, rollout };
  }

  async function perform(step: Exclude<RunStep, { kind: 'look-again' }>, context: RunContext): Promise<PassResult | 'again'> {
    const { world, entry } = context;
    switch (step.kind) {
      case 'skip':
        await skip(entry, step);
        break;
      case 'clear':
        assertMayDestroy();
        for (const id of step.ids) await engine.remove(id, { service: world.service, node: bus.node });
        break;
      case 'make':
        return await make(context);
      case 'start':
        await start(step.id, context);
        break;
      case 'note-start':
        await noteStart(step.id, context);
        break;
      case 'finish':
        await finish(step, entry);
        break;
      case 'lost':
        await conclude(entry, { exitCode: -1, output: '', reason: step.message });
        break;
      default:
        return step satisfies never;
    }
    return 'again';
  }

  async function start(id: string, context: RunContext): Promise<void> {
    const { world, making, entry } = context;
    await assertDependencies(world, making.spec);
    await assertVolumesFree(world, making.spec);
    await maker.ensureNetworks(world, making.spec);
    try {
      await engine.start(id);
    } catch (thrown) {
      if (errorCode(thrown) !== 'START_REFUSED') throw thrown;
      // Trying again would be refused again; the next instant tries anyway, with whatever is declared then.
      await skip(entry, { reason: 'not-started', message: errorMessage(thrown) });
      return;
    }
    await noteStart(id, context);
  }

  async function make({ world, making }: RunContext): Promise<PassResult | 'again'> {
    const isMissing = (await maker.findImage(making)) === null;
    if (isMissing && (await puller.pull(making)) === 'running') return { requeueAfterMs: pullLookMs };
    const { id } = await maker.create(world, making, { slot: 0, name: containerName(world.service, making.release, 0) });
    if (!world.foreign) await engine.rename(id, world.service);
    return 'again';
  }

  async function noteStart(id: string, { world, entry, making }: RunContext): Promise<void> {
    const { service, instant } = entry.value;
    const startedAt = (await engine.inspect(id))?.startedAt?.toISOString() ?? nowText();
    const { release, digest, source, rollout, spec } = making;
    await change(
      entry,
      { state: 'running', startedAt, release, container: id },
      owe('job.started', { instant, container: id }, { service, now: clock.now() }),
    );
    if (world.record?.value.serving?.release === release && !world.record.value.waiting) return;
    const serving = { release, image: spec.service.image, digest, source, since: startedAt, rollout, spec };
    await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, serving, pinned: { image: serving.image, digest, source } }));
  }

  async function skip(entry: Entry<RunRecord>, { reason, message }: Omit<Extract<RunStep, { kind: 'skip' }>, 'kind'>): Promise<void> {
    const { service, instant } = entry.value;
    await change(
      entry,
      { state: 'skipped', reason: message, finishedAt: nowText() },
      owe('job.skipped', { instant, reason, message }, { service, now: clock.now() }),
    );
    await keeper.prune(service);
  }

  async function finish({ id, exitCode }: Extract<RunStep, { kind: 'finish' }>, entry: Entry<RunRecord>): Promise<void> {
    const since = entry.value.startedAt ? new Date(entry.value.startedAt) : null;
    const lines = await engine.logs(id, since ? { lines: 5_000, since } : { lines: 5_000 });
    await conclude(entry, { exitCode, output: lastBytes(lines), reason: `it ended with code ${exitCode}` });
  }

  async function conclude(
    entry: Entry<RunRecord>,
    { exitCode, output, reason }: { readonly exitCode: number; readonly output: string; readonly reason: string },
  ): Promise<void> {
    const { service, instant, startedAt } = entry.value;
    const finishedAt = nowText();
    const durationMs = startedAt === undefined ? 0 : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
    await change(
      entry,
      { state: 'finished', exitCode, output, reason, finishedAt },
      owe('job.finished', { instant, exitCode, durationMs }, { service, now: clock.now() }),
    );
    await keeper.prune(service);
  }

  return {
    isBusy: (service) => ledger.open(service).length > 0,
    advance,
    claim: createRunClaimer({ bus, stores, clock, ledger, keeper }),
    forget: async ({ service }) => await keeper.forget(service),
  };
}

/** The end of the output, cut at a line where possible. */
function lastBytes(lines: readonly string[]): string {
  const bytes = Buffer.from(lines.join('\n'));
  if (bytes.length <= maxOutputBytes) return bytes.toString();
  const text = bytes.subarray(bytes.length - maxOutputBytes).toString();
  return text.slice(text.indexOf('\n') + 1);
}
