import type { Bus } from '@kedge/shared/bus';
import { manifestKey, type ServiceName } from '@kedge/shared/contracts';
import type { PassResult } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { assemble } from '../assemble.ts';
import { createHonour, type HonourCommand } from '../honour-command.ts';
import type { Memory } from '../memory.ts';
import type { Clock, ContainerEngine, GateProbe, HostPorts, SecretSource } from '../ports.ts';
import type { RunAdvancer } from '../run-job.ts';
import { thawContainers } from '../thaw-containers.ts';
import type { SimulatedEngine } from './simulated-engine.ts';

/** One process from its start to its death: the real use cases, joined, with what is in their memory. */
export interface Life {
  readonly reconcile: (service: ServiceName) => Promise<PassResult>;
  readonly runs: RunAdvancer;
  readonly honour: HonourCommand;
  readonly load: () => Promise<void>;
  readonly memory: Memory;
  readonly keepNetworks: () => Promise<void>;
}

/** A world without secrets. */
export const noSecrets: SecretSource = { resolve: async () => new Map(), registryCredentials: async () => null };

interface LifePorts {
  readonly bus: Bus;
  /** What is asked of it here is no call of the process. */
  readonly engine: Pick<SimulatedEngine, 'declaredNetworks'>;
  /** The engine as the process calls it. */
  readonly ports: ContainerEngine & GateProbe & HostPorts;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mayAct: () => boolean;
  /** Where the configuration folder lies on the host. */
  readonly folder?: string;
}

/** Nothing wakes it: whoever simulates says when it looks. */
export function startLife({ bus, engine, ports, secrets, clock, log, mayAct, folder = '/host/config' }: LifePorts): Life {
  const awake = { wake: () => undefined, wakeAll: () => undefined };
  const { reconcile, runs, ledger, stores, memory, nodeState, networks } = assemble({
    bus,
    engine: ports,
    probe: ports,
    hostPorts: ports,
    secrets,
    clock,
    log,
    random: () => 0,
    networkNameFor: () => 'kedge',
    preferredSubnet: '10.0.0.0/16',
    configFolder: async () => folder,
    proxyLostAfterMs: 60_000,
    dependencyDeadlineMs: 600_000,
    pullsAtOnce: 4,
    mayAct,
    ...awake,
    onRolloutEnd: () => undefined,
  });
  return {
    reconcile,
    runs,
    honour: createHonour({ bus, stores, engine: ports, clock, memory, nodeState, log, runs, ...awake }),
    async load() {
      await ledger.load();
      await thawContainers({ bus, engine: ports, log });
    },
    memory,
    async keepNetworks() {
      const manifest = await stores.manifests.get(manifestKey(bus.node));
      if (manifest && (engine.declaredNetworks.made.size > 0 || manifest.value.networks)) await networks.keep(manifest.value);
    },
  };
}
