import type { Bus } from '@kedge/shared/bus';
import {
  manifestKey,
  type PlanReply,
  type PlanRequest,
  rejectionKey,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import { KedgeError, mapAtOnce } from '@kedge/shared/kernel';
import { adoptedIds } from './adopt-place.ts';
import { configVerdict } from './core/config-verdict.ts';
import { downReason } from './core/down-reason.ts';
import { isKnown } from './core/known-service.ts';
import { type Change, describeChange, unplannedChange } from './core/plan-change.ts';
import { decideService } from './decide-service.ts';
import { type ComingUp, createComingUpFinder } from './find-coming-up.ts';
import { createStrangerFinder } from './find-strangers.ts';
import type { SuccessorFinder } from './find-successors.ts';
import type { HandOvers } from './hand-over.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { NodeState } from './node-state.ts';
import type { ObserveService, World } from './observe-service.ts';
import type { PlanMode, PlanService } from './plan-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface PlanAnswerPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly observe: ObserveService;
  readonly plan: PlanService;
  readonly handOvers: Pick<HandOvers, 'find'>;
  readonly successors: Pick<SuccessorFinder, 'words'>;
  readonly nodeState: Pick<NodeState, 'down'>;
  readonly networks: Pick<NetworkKeeper, 'plan'>;
}

/** Rejects only when nothing can be told at all: ENGINE_UNREACHABLE, BUS_UNAVAILABLE. Without a service: about all. */
export type AnswerPlan = (request: PlanRequest) => Promise<PlanReply>;

/** Decisions whose steps only the planner knows. */
const planned: Readonly<Record<string, PlanMode>> = { roll: 'rollout', restore: 'restore', maintain: 'maintain' };

/** Each service asks store and engine several questions, and mostly waits for the answers. */
const lookedAtAtOnce = 16;

/** No service is to blame for these. */
const errorsOfAll = new Set(['ENGINE_UNREACHABLE', 'BUS_UNAVAILABLE']);

/** What the next passes would do, and why; nothing is changed by asking. What one service gets wrong is told at that service. */
export function createPlanAnswerer({
  bus,
  stores,
  engine,
  observe,
  plan,
  handOvers,
  successors,
  nodeState,
  networks,
}: PlanAnswerPorts): AnswerPlan {
  const findStrangers = createStrangerFinder({ bus, engine });
  const findComingUp = createComingUpFinder({ stores, engine });

  return async function answer({ service: only }) {
    const manifest = await stores.manifests.get(manifestKey(bus.node));
    const labelled = (await engine.list(bus.node)).flatMap(({ kedge }) => (kedge?.node === bus.node ? [kedge.service] : []));
    const known = new Set<ServiceName>([...(Object.keys(manifest?.value.services ?? {}) as ServiceName[]), ...labelled]);
    const asked = [...known].filter((name) => only === undefined || name === only).toSorted();
    const changes = (await mapAtOnce(asked, lookedAtAtOnce, changeOf)).filter((change) => change !== null);
    const down = await nodeState.down();
    const problem = down
      ? downReason(down)
      : configVerdict((manifest ?? (await stores.manifests.get(rejectionKey(bus.node))))?.value ?? null).problem;
    const foreign = await strangersOf(asked);
    const ofNetworks = manifest && only === undefined ? await networks.plan(manifest.value) : { changes: [], missing: [] };
    const { warnings } = manifest?.value ?? {};
    const onUp = down ? (await mapAtOnce(asked, lookedAtAtOnce, comingUpOf)).filter((each) => each !== null) : null;
    return {
      changes,
      ...(ofNetworks.changes.length > 0 ? { networks: ofNetworks.changes } : {}),
      ...(ofNetworks.missing.length > 0 ? { missingNetworks: ofNetworks.missing } : {}),
      ...(foreign.length > 0 ? { foreign } : {}),
      ...(warnings ? { warnings } : {}),
      ...(onUp ? { onUp } : {}),
      ...(problem === null ? {} : { problem }),
    };
  };

  async function strangersOf(services: readonly ServiceName[]): Promise<NonNullable<PlanReply['foreign']>> {
    const [entries, records] = await Promise.all([stores.services.readAll(bus.node), stores.releases.readAll(bus.node)]);
    // About those somebody has decided already.
    const adopted = new Set([...records.values()].flatMap(({ value }) => adoptedIds(value)));
    const declared = services.flatMap((service) => {
      const spec = entries.get(serviceKey(bus.node, service))?.value.spec;
      return spec ? [{ service, spec }] : [];
    });
    const strangers = (await findStrangers(declared)).filter(({ id }) => !adopted.has(id));
    return strangers.map(({ id: _id, ...stranger }) => stranger);
  }

  async function changeOf(service: ServiceName): Promise<Change | null> {
    let world: World | null = null;
    try {
      world = await observe(service);
      if (!world) return null;
      return world.spec ? await keepingOf(world, world.spec) : await removalOf(world);
    } catch (thrown) {
      if (!(thrown instanceof KedgeError) || errorsOfAll.has(thrown.code)) throw thrown;
      return unplannedChange({ service, record: world?.record?.value ?? null }, { code: thrown.code, message: thrown.message });
    }
  }

  /** What one service gets wrong is told at its change. */
  async function comingUpOf(service: ServiceName): Promise<ComingUp | null> {
    try {
      const world = await observe(service);
      return world && (await findComingUp(world));
    } catch (thrown) {
      if (!(thrown instanceof KedgeError) || errorsOfAll.has(thrown.code)) throw thrown;
      return null;
    }
  }

  async function keepingOf(world: World, spec: ServiceSpec): Promise<Change | null> {
    const decision = decideService({ ...world, spec }, { requested: false, busy: false });
    const mode = planned[decision.kind];
    const steps = mode === undefined ? [] : (await plan(world, mode)).steps;
    return describeChange({ service: world.service, spec, record: world.record?.value ?? null, decision, steps, now: world.now });
  }

  async function removalOf(world: World): Promise<Change | null> {
    const { service, containers } = world;
    if (containers.length === 0 || !(isKnown(world) || world.down)) return null;
    const handOver = world.down ? null : await handOvers.find(world);
    return {
      ...(handOver && {
        problem: { code: 'HAND_OVER_PENDING', message: handOver.reason },
        handsOverTo: { service: handOver.to, reason: handOver.reason },
      }),
      service,
      action: 'remove',
      reason: world.down ? downReason(world.down) : ['it is declared no more', ...(await successors.words(world))].join('; '),
      steps: containers.map(({ name }) => `remove ${name}`),
    };
  }
}
