import { type Bus, type Entry, sayOwed } from '@kedge/shared/bus';
import {
  type BarRecord,
  type ConfigManifest,
  type EndpointsEntry,
  type ImageEntry,
  imageKey,
  manifestKey,
  type NodeRecord,
  type ReleaseRecord,
  type ServiceName,
  type ServiceSpec,
  serviceKey,
} from '@kedge/shared/contracts';
import type { Memory } from './memory.ts';
import type { NodeState } from './node-state.ts';
import type { Clock, ContainerEngine, LocalImage, ObservedContainer } from './ports.ts';
import type { Stores } from './stores.ts';

/** Everything that a pass over one service decides from, read afresh. */
export interface World {
  readonly service: ServiceName;
  readonly key: string;
  readonly manifest: ConfigManifest;
  /** Since when everything is down; null while it is up. */
  readonly down: NonNullable<NodeRecord['down']> | null;
  /** What is declared; null when the service is declared no more, and while everything is down. */
  readonly spec: ServiceSpec | null;
  /** What is declared, also while everything is down. */
  readonly declared: ServiceSpec | null;
  readonly image: Entry<ImageEntry> | null;
  /** The engine's own image under the declared reference. */
  readonly local: LocalImage | null;
  readonly record: Entry<ReleaseRecord> | null;
  readonly bars: Entry<BarRecord> | null;
  readonly endpoints: Entry<EndpointsEntry> | null;
  readonly containers: readonly ObservedContainer[];
  /** A container under the service's name that Kedge did not make for this node. */
  readonly foreign: ObservedContainer | null;
  readonly quietForMs: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface ObserverPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly nodeState: Pick<NodeState, 'down'>;
}

/** Reads afresh each time; rejects when store or engine cannot be asked. See `createObserver` for null. */
export type ObserveService = (service: ServiceName) => Promise<World | null>;

/** Reads the world of one service; null while there is no configuration, or its parts do not fit together yet. */
export function createObserver({ bus, stores, engine, clock, memory, nodeState }: ObserverPorts): ObserveService {
  return async function observe(service) {
    const { node } = bus;
    const key = serviceKey(node, service);
    const [manifest, entry, record, bars, endpoints, down, listed] = await Promise.all([
      stores.manifests.get(manifestKey(node)),
      stores.services.get(key),
      stores.releases.get(key),
      stores.bars.get(key),
      stores.endpoints.get(key),
      nodeState.down(),
      engine.list(node, { names: [service], service }),
    ]);
    if (!manifest) return null;
    const hash = manifest.value.services[service];
    // The watcher writes specs before the manifest that names them: what does not fit is not in force yet.
    if (hash !== undefined && entry?.value.hash !== hash) return null;
    const declared = hash === undefined ? null : (entry?.value.spec ?? null);
    const spec = down ? null : declared;
    const containers = listed.filter(({ kedge }) => kedge?.service === service && kedge.node === node);
    return {
      service,
      key,
      manifest: manifest.value,
      down,
      spec,
      declared,
      image: spec && (await stores.images.get(imageKey(spec.service.image))),
      local: spec && (await engine.image(spec.service.image)),
      // What an earlier life still owes is said before anything is written over it.
      record: record && (await sayOwed({ bus, bucket: stores.releases, entry: record })),
      bars: bars && (await sayOwed({ bus, bucket: stores.bars, entry: bars })),
      endpoints,
      containers,
      foreign: listed.find(({ name, kedge }) => name === service && (kedge?.node !== node || kedge.service !== service)) ?? null,
      quietForMs: memory.watchNames({ service, containers, nowMs: clock.monotonicMs() }),
      now: clock.now().getTime(),
    };
  };
}
