import type { Bus } from '@kedge/shared/bus';
import {
  type ConfigManifest,
  imageKey,
  manifestKey,
  rejectionKey,
  type ServiceName,
  type StatusReply,
  type StatusRequest,
  serviceKey,
} from '@kedge/shared/contracts';
import { errorCode, errorMessage } from '@kedge/shared/kernel';
import { inTime } from '@kedge/shared/service';
import { createDesiredChooser } from './choose-desired.ts';
import { awaitedContainer } from './core/awaited.ts';
import { configVerdict } from './core/config-verdict.ts';
import { tableOf } from './core/endpoints.ts';
import { isKnown } from './core/known-service.ts';
import { type Heir, takenRoutes } from './core/moving-routes.ts';
import { strangersToTell } from './core/name-taken.ts';
import { standingBars } from './core/standing-bars.ts';
import { describeService } from './core/status.ts';
import { createAwaitedFinder } from './find-awaited.ts';
import type { HandOvers } from './hand-over.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { NodeState } from './node-state.ts';
import type { Clock, ContainerEngine, ObservedContainer } from './ports.ts';
import type { Stores } from './stores.ts';
import type { ProxyWatch } from './watch-proxies.ts';

interface StatusPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly proxies: ProxyWatch;
  readonly handOvers: Pick<HandOvers, 'find'>;
  readonly nodeState: Pick<NodeState, 'down'>;
  readonly networks: Pick<NetworkKeeper, 'kept'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** How long the answer waits for what is only told beside it. */
const networksWithinMs = 1_000;

/** Without a service: about all. An engine that does not answer is part of the answer. */
export type AnswerStatus = (request: StatusRequest) => Promise<StatusReply>;

/** Tells what every service does, from the same state that the passes decide from. */
export function createStatusAnswerer({ bus, stores, engine, proxies, handOvers, nodeState, networks, clock }: StatusPorts): AnswerStatus {
  const chooseDesired = createDesiredChooser({ engine });
  const findAwaited = createAwaitedFinder({ engine });

  async function listContainers(
    names: readonly string[],
  ): Promise<{ readonly containers: readonly ObservedContainer[]; readonly problem: string | null }> {
    try {
      return { containers: await engine.list(bus.node, { names }), problem: null };
    } catch (thrown) {
      return { containers: [], problem: errorMessage(thrown) };
    }
  }

  /** An engine that stops answering in the middle keeps nobody from an answer. */
  async function keptNetworks(manifest: ConfigManifest): Promise<NonNullable<StatusReply['networks']>> {
    try {
      return await inTime(networks.kept(manifest), { withinMs: networksWithinMs, instead: () => [] });
    } catch (thrown) {
      if (errorCode(thrown) === 'ENGINE_UNREACHABLE') return [];
      throw thrown;
    }
  }

  return async function answer({ service: only }) {
    const { node } = bus;
    const [manifest, specs, records, bars, endpoints, schedule, images, down] = await Promise.all([
      stores.manifests.get(manifestKey(node)),
      stores.services.readAll(node),
      stores.releases.readAll(node),
      stores.bars.readAll(node),
      stores.endpoints.readAll(node),
      stores.schedule.readAll(node),
      stores.images.readEverything(),
      nodeState.down(),
    ]);
    const declared = Object.keys(manifest?.value.services ?? {}) as ServiceName[];
    const { containers, problem } = await listContainers(declared);
    const ours = containers.filter(({ kedge }) => kedge?.node === node);
    const containersOf = (service: ServiceName) => ours.filter(({ kedge }) => kedge?.service === service);
    const isForeign = (name: string) =>
      containers.some((container) => container.name === name && (container.kedge?.node !== node || container.kedge.service !== name));
    const known = new Set<ServiceName>([...declared, ...ours.flatMap(({ kedge }) => (kedge ? [kedge.service] : []))]);
    const wanted = [...known].filter((name) => only === undefined || name === only).toSorted();
    const states = problem === null ? await proxies.states() : [];
    const leave = async (service: ServiceName) => {
      if (!manifest || declared.includes(service)) return null;
      const key = serviceKey(node, service);
      const known = { service, key, manifest: manifest.value, record: records.get(key) ?? null, endpoints: endpoints.get(key) ?? null };
      return await handOvers.find({ ...known, containers: containersOf(service) });
    };
    const waitingFor = new Map(await Promise.all(wanted.map(async (service) => [service, await leave(service)] as const)));
    const kept = manifest && only === undefined && problem === null ? await keptNetworks(manifest.value) : [];
    const declarationOf = (service: ServiceName) => {
      const key = serviceKey(node, service);
      const spec = declared.includes(service) ? (specs.get(key)?.value.spec ?? null) : null;
      const entry = spec ? (images.get(imageKey(spec.service.image))?.value ?? null) : null;
      return { spec, record: records.get(key)?.value ?? null, entry };
    };
    const desired = async (service: ServiceName) => {
      const { spec, ...known } = declarationOf(service);
      return spec && (await chooseDesired({ ...known, spec, isEngineThere: problem === null }));
    };
    const awaited = async (service: ServiceName) => {
      const { spec, record } = declarationOf(service);
      const container = record && awaitedContainer(record, containersOf(service));
      return spec && record?.rollout && container ? await findAwaited({ spec, container, step: record.rollout.step }) : null;
    };
    const awaitedBy = new Map(await Promise.all(wanted.map(async (service) => [service, await awaited(service)] as const)));
    const desiredOf = new Map(await Promise.all(wanted.map(async (service) => [service, await desired(service)] as const)));
    const heirs = declared.flatMap((service): Heir[] => {
      const { spec } = declarationOf(service);
      return spec ? [{ service, spec, endpoints: endpoints.get(serviceKey(node, service))?.value ?? null }] : [];
    });
    const trouble = bus.writeTrouble();
    return {
      node,
      ...(down ? { down } : {}),
      ...(trouble ? { bus: { problem: trouble.message, since: trouble.since.toISOString() } } : {}),
      engine: problem === null ? { reachable: true, message: 'it answers' } : { reachable: false, message: problem },
      config: {
        revision: manifest?.value.revision ?? null,
        ...configVerdict((manifest ?? (await stores.manifests.get(rejectionKey(node))))?.value ?? null),
      },
      ...(manifest ? { doors: doorsOf(manifest.value) } : {}),
      foreign: declared.flatMap((service) => strangersToTell({ service, containers, record: declarationOf(service).record })),
      ...(kept.length > 0 ? { networks: kept } : {}),
      // One that said goodbye is nobody's concern any more; its record stays a while.
      proxies: states
        .filter(({ record }) => !record.goodbye)
        .map(({ record, state }) => ({ instance: record.instance, state, heartbeatAt: record.heartbeatAt })),
      services: wanted.map((service) => {
        const key = serviceKey(node, service);
        const { spec, record, entry: image } = declarationOf(service);
        const table = endpoints.get(key)?.value ?? null;
        return describeService({
          service,
          spec,
          down,
          record,
          handOver: waitingFor.get(service) ?? null,
          desired: desiredOf.get(service)?.release ?? null,
          unresolved: desiredOf.get(service)?.unresolved ?? null,
          bars: standingBars(bars.get(key)?.value.bars ?? [], manifest?.value.services[service]),
          endpoints: table,
          taken: takenRoutes(tableOf(table).routes, { service, spec: declarationOf(service).spec ?? {}, declared: heirs }),
          containers: containersOf(service),
          awaited: awaitedBy.get(service) ?? null,
          isKnown: isKnown({ record, endpoints: endpoints.get(key), bars: bars.get(key) }),
          hasForeign: isForeign(service),
          image: desiredOf.get(service)?.isAtHand ? null : image,
          schedule: schedule.get(key)?.value ?? null,
          isDetailed: only !== undefined,
          now: clock.now().getTime(),
        });
      }),
    };
  };
}

function doorsOf({ proxy }: ConfigManifest): NonNullable<StatusReply['doors']> {
  return { enabled: proxy?.enabled ?? true, strategy: proxy?.strategy ?? 'https-only' };
}
