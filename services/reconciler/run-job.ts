import { type Bus, sayOwed } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';
import { inLogContext, markPoint, type PassResult } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { chooseRun } from './choose-run.ts';
import type { ClaimRun } from './claim-run.ts';
import type { RunCloser } from './close-runs.ts';
import { planHealing } from './core/plan-healing.ts';
import { planRun, planRunStart, type RunStep } from './core/plan-run.ts';
import { planNameBack } from './core/run-name.ts';
import type { RunKeeper } from './keep-runs.ts';
import type { Memory } from './memory.ts';
import type { World } from './observe-service.ts';
import type { PerformRunStep, RunContext } from './perform-run.ts';
import type { ContainerEngine } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Stores } from './stores.ts';

interface RunPorts {
  readonly bus: Bus;
  readonly engine: Pick<ContainerEngine, 'rename'>;
  readonly stores: Pick<Stores, 'runs'>;
  readonly memory: Pick<Memory, 'taken'>;
  readonly log: Logger;
  readonly ledger: RunLedger;
  readonly keeper: Pick<RunKeeper, 'forget'>;
  readonly closer: Pick<RunCloser, 'close'>;
  readonly claim: ClaimRun;
  readonly perform: PerformRunStep;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
}

/** The runs of jobs: claimed once, brought to their end, and told. Only the active reconciler may use it. */
export interface RunAdvancer {
  /** True while a run of the service was claimed and has not ended. */
  isBusy(service: ServiceName): boolean;
  /** Does the next step of the oldest open run. */
  advance(world: World): Promise<PassResult | 'again'>;
  readonly claim: ClaimRun;
  /** No run is open: a container that one left under the name of its start gets the service's. False when there is none. */
  giveNameBack(world: World): Promise<boolean>;
  /** Ends what is open when nothing of the service is left: see `RunCloser`. */
  close(world: World): Promise<void>;
  /** The service is declared no more: its open runs are told to the end, and all are forgotten. */
  forget(world: World): Promise<void>;
}

/** Brings the runs of jobs from their claim to their end, a step at a time: each may be the last one that this process does. */
export function createRunAdvancer(ports: RunPorts): RunAdvancer {
  const { bus, engine, stores, memory, log, ledger, keeper, closer, claim, perform, mayAct } = ports;

  async function advance(world: World): Promise<PassResult | 'again'> {
    const key = ledger.open(world.service)[0];
    const { spec, service } = world;
    if (key === undefined || !spec) return {};
    const stored = await stores.runs.get(key);
    if (!stored) {
      ledger.drop(key);
      return 'again';
    }
    const entry = await sayOwed({ bus, bucket: stores.runs, entry: stored });
    // It may have ended already, and only the reply to that write was lost.
    ledger.note(entry.value);
    if (!ledger.open(service).includes(key)) return 'again';
    return await inLogContext({ correlationid: key }, () => follow({ world: { ...world, spec }, entry }));
  }

  async function follow(context: RunContext): Promise<PassResult | 'again'> {
    const { service } = context.world;
    const step = plan(context, memory.taken.get(service) ?? null);
    if (step.kind === 'look-again') return { requeueAfterMs: step.afterMs };
    log.info({ instant: context.entry.value.instant, step: step.kind }, 'job step');
    markPoint(`run.${step.kind}:before`);
    // Another instance may have run it already while this one was held up.
    if (!mayAct()) return {};
    const { requeueAfterMs } = await perform(step, context);
    markPoint(`run.${step.kind}:after`);
    return requeueAfterMs === undefined ? 'again' : { requeueAfterMs };
  }

  return {
    isBusy: (service) => ledger.open(service).length > 0,
    advance,
    claim,
    async giveNameBack(world) {
      const step = nameBack(world);
      if (!step || !mayAct()) return false;
      await engine.rename(step.id, step.name);
      return true;
    },
    close: async (world) => await closer.close(world),
    async forget(world) {
      await closer.close(world);
      await keeper.forget(world.service);
    },
  };
}

/** While a run is open its containers are its own: nobody else makes them whole, starts or removes them. */
function plan({ world, entry }: RunContext, taken: string | null): RunStep {
  const { service, containers, spec, now } = world;
  const [healing] = planHealing({ service, containers, endpoints: world.endpoints?.value ?? null, keep: containers });
  if (healing) return healing;
  const isJob = spec.dispenser.cron !== undefined;
  const step = planRun({ run: entry.value, writtenAt: entry.writtenAt.getTime(), isJob, containers, now });
  if (step && entry.value.state === 'running') return nameBack(world) ?? step;
  if (step) return step;
  const { release } = chooseRun(world, entry.value);
  const recreate = spec.dispenser.pull === 'always';
  return planRunStart({ run: entry.value, release, recreate, containers, taken });
}

function nameBack({ service, containers, foreign }: World): Extract<RunStep, { kind: 'rename' }> | null {
  const named = planNameBack({ service, containers, nameIsForeign: foreign !== null });
  return named && { kind: 'rename', ...named };
}
