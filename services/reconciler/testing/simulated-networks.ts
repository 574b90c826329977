import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { isOurs } from '../core/networks/network-plan.ts';
import type { ContainerEngine, NetworkPlan } from '../ports.ts';
import { holderOf, type SimulatedContainer } from './simulated-container.ts';

type NetworkCalls = Pick<ContainerEngine, 'networks' | 'ensureNetwork' | 'remakeNetwork' | 'removeNetwork'>;

/** The networks of the simulated engine beside the default one. */
export interface SimulatedNetworks extends NetworkCalls {
  readonly made: Map<string, NetworkPlan>;
  /** How often networks were made anew. */
  remakes(): number;
  /** How often the engine was asked for one that it cannot make: it has no swarm, which `overlay` needs. */
  refusals(): number;
  /** What is left when a process dies while it makes a network anew: containers that are frozen and cut from it, and no network. */
  interruptRemake(name: string): void;
}

export function createSimulatedNetworks(containers: ReadonlyMap<string, SimulatedContainer>): SimulatedNetworks {
  const made = new Map<string, NetworkPlan>();
  let [remakes, refusals] = [0, 0];
  const on = (name: string) => [...containers.values()].filter((container) => container.others.includes(name));

  function assertOurs(plan: NetworkPlan, node: string): void {
    if (!isOurs(plan, node)) throw new TerminalError('NOT_OURS', `network ${plan.name} is somebody else's`);
  }

  function assertMakes({ name, driver }: NetworkPlan): void {
    if (driver !== 'overlay') return;
    refusals += 1;
    const sentence = 'This node is not a swarm manager.';
    throw new TerminalError('ENGINE_REFUSED', `the container engine refused to make network ${name}: ${sentence}`, {
      details: { sentence },
    });
  }

  return {
    made,
    remakes: () => remakes,
    refusals: () => refusals,
    interruptRemake(name) {
      for (const container of on(name)) {
        container.others = container.others.filter((other) => other !== name);
        if (container.state === 'running') container.state = 'paused';
      }
      made.delete(name);
    },
    networks: async () => [...made.values()].map((plan) => ({ ...plan, members: on(plan.name).map(holderOf) })),
    async ensureNetwork(plan) {
      if (made.has(plan.name)) return;
      assertMakes(plan);
      made.set(plan.name, plan);
    },
    async remakeNetwork(plan, node) {
      const present = made.get(plan.name);
      if (present) assertOurs(present, node);
      if (on(plan.name).some((container) => holderOf(container).owner?.node !== node)) throw inUse(plan.name);
      assertMakes(plan);
      made.set(plan.name, plan);
      remakes += 1;
    },
    async removeNetwork(name, node) {
      const present = made.get(name);
      if (!present) return;
      assertOurs(present, node);
      if (on(name).length > 0) throw inUse(name);
      made.delete(name);
    },
  };
}

function inUse(name: string): RetryableError {
  return new RetryableError('NETWORK_IN_USE', `a container is on network ${name}`);
}
