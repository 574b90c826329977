import {
  type BucketName,
  type ConfigManifest,
  type EndpointsEntry,
  manifestKey,
  type ReleaseRecord,
  type ServiceEntry,
  ServiceName,
  serviceKey,
} from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import type { MemoryStore } from './memory-bus.ts';
import type { SimulatedEngine } from './simulated-engine.ts';
import { node, web } from './simulated-proxies.ts';

interface Watched {
  readonly store: MemoryStore;
  readonly engine: Pick<SimulatedEngine, 'all' | 'isFit'>;
  /** Whether a proxy has requests open on a container. */
  readonly isBusy: (container: string) => boolean;
  readonly onViolation: (what: string) => void;
}

/** What must hold at every moment of a simulation, whoever dies when. */
export interface Invariants {
  checkCapacity(): void;
  checkWrite(bucket: BucketName, key: string, value: unknown): void;
  checkAct(action: 'alias' | 'stop' | 'remove', container: ObservedContainer): void;
  /** From now on at least so many fit containers are routed; null: none need be. */
  guardCapacity(replicas: number | null): void;
}

export function createInvariants({ store, engine, isBusy, onViolation }: Watched): Invariants {
  let capacity: number | null = null;

  function stored<Value>(name: BucketName, key: string): Value | undefined {
    return store.buckets.get(name)?.get(key)?.value as Value | undefined;
  }

  /** Requests are held only for somebody who is on the way: not behind an obstacle, and not for what is declared no more. */
  function checkHold(bucket: BucketName): void {
    const entry = stored<EndpointsEntry>('endpoints', serviceKey(node, web));
    const record = stored<ReleaseRecord>('releases', serviceKey(node, web));
    if (!entry?.hold) return;
    // What a rollout stopped, or is about to stop, is on the way back.
    const stops = record?.rollout?.strategy === 'stop-first' || record?.rollout?.stopsSince !== undefined;
    if (record?.waiting && !stops) onViolation(`requests are held behind ${record.waiting.code}`);
    const { services = {} } = stored<ConfigManifest>('services', manifestKey(node)) ?? {};
    // Whoever takes its route over may be on the way.
    const heirs = Object.keys(services).some(
      (name) => stored<ServiceEntry>('services', serviceKey(node, ServiceName.parse(name)))?.spec.proxy !== undefined,
    );
    if (bucket === 'endpoints' && services[web] === undefined && !heirs)
      onViolation('requests are held for a service that is declared no more');
  }

  return {
    checkCapacity() {
      if (capacity === null) return;
      const entries = [...(store.buckets.get('endpoints')?.values() ?? [])].map(({ value }) => value as EndpointsEntry);
      const all = engine.all();
      const fit = entries
        .flatMap(({ targets }) => targets)
        .filter(({ id, state }) => state === 'ready' && all.some((container) => container.id === id && engine.isFit(container)));
      if (fit.length < capacity) onViolation(`${fit.length} of ${capacity} fit containers are routed`);
    },
    checkWrite(bucket, key, value) {
      checkHold(bucket);
      if (bucket !== 'endpoints' || key !== serviceKey(node, web)) return;
      for (const { id, state } of (value as EndpointsEntry).targets) {
        const container = engine.all().find((each) => each.id === id);
        if (state === 'ready' && !(container && engine.isFit(container))) onViolation(`${id} is routed and not fit (${container?.state})`);
      }
    },
    checkAct(action, container) {
      if (action === 'alias' && container.state === 'running' && !engine.isFit(container))
        onViolation(`${container.id} got the name and is not fit`);
      if (action === 'alias' || container.state !== 'running') return;
      if (isBusy(container.id)) onViolation(`${container.id} was stopped with requests open`);
    },
    guardCapacity(replicas) {
      capacity = replicas;
    },
  };
}
