import type { Digest, NodeName } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import {
  type Clock,
  type ContainerEngine,
  type ContainerPlan,
  type GateProbe,
  type HostPorts,
  type LocalImage,
  labels,
  type ObservedContainer,
} from '../ports.ts';
import {
  type Behaviour,
  healthOf,
  holderOf,
  live as letLive,
  newContainer,
  type SimulatedContainer,
  writtenTo,
} from './simulated-container.ts';
import { createSimulatedNetworks, type SimulatedNetworks } from './simulated-networks.ts';
import { observed } from './simulated-view.ts';

interface SimulatedEngineOptions {
  readonly clock: Clock;
  readonly behaviourOf: (image: string) => Behaviour;
  /** Told when a container ended behind everybody's back. */
  readonly onKilled?: (container: string) => void;
  /** Told before a container is stopped, removed or given an alias. */
  readonly onAct?: (action: 'alias' | 'stop' | 'remove', container: ObservedContainer) => void;
}

/** A container without anything to tell. */
export const emptyPlan: Omit<ContainerPlan, 'name' | 'image'> = {
  labels: {},
  restart: 'no',
  env: {},
  ports: [],
  volumes: [],
  extraHosts: [],
  network: 'other',
  address: '0.0.0.0',
  networks: [],
};

/** A container engine in memory, with the rules of the real one that matter: names, addresses and published ports are taken once. */
export interface SimulatedEngine extends ContainerEngine, GateProbe, HostPorts {
  readonly declaredNetworks: SimulatedNetworks;
  /** Paths that the host does not have. */
  readonly missingPaths: Set<string>;
  /** Images that the engine holds: reference or digest → id. */
  readonly images: Map<string, Digest>;
  /** What calls end with while it is set; a start only of containers of that image. */
  readonly troubles: { pull: Error | null; attach: Error | null; start: { readonly image: string; readonly error: Error } | null };
  /** How often a program was started by hand. */
  starts(): number;
  all(): readonly ObservedContainer[];
  isFit(container: ObservedContainer): boolean;
  /** Each start beside a container of another service that writes to the same place. */
  readonly clashes: readonly string[];
  /** Takes a container away behind everybody's back. */
  lose(id: string): void;
  /** Ends a container behind everybody's back; the engine does not start it again. */
  kill(id: string): void;
  addForeign(name: string, ports?: ContainerPlan['ports']): void;
  /** Ports of the host on which another program listens. */
  readonly occupied: Set<number>;
  /** What every container printed. */
  readonly printed: string[];
  /** What is left when a process dies while it gives or takes an alias: frozen, and without the network. */
  interruptAliases(id: string, aliases?: readonly string[]): void;
}

export function createSimulatedEngine({
  clock,
  behaviourOf,
  onKilled = () => undefined,
  onAct = () => undefined,
}: SimulatedEngineOptions): SimulatedEngine {
  const containers = new Map<string, SimulatedContainer>();
  const declaredNetworks = createSimulatedNetworks(containers);
  const images = new Map<string, Digest>();
  const troubles: SimulatedEngine['troubles'] = { pull: null, attach: null, start: null };
  const occupied = new Set<number>();
  const missingPaths = new Set<string>();
  const printed = ['the last words'];
  const clashes: string[] = [];
  let made = 0;
  let starts = 0;

  function live(container: SimulatedContainer): SimulatedContainer {
    return letLive(container, behaviourOf(container.plan.image), clock.now().getTime());
  }

  function observe(container: SimulatedContainer): ObservedContainer {
    const lived = live(container);
    return observed(lived, healthOf(lived, behaviourOf(lived.plan.image), clock.now().getTime()));
  }

  function find(id: string): SimulatedContainer {
    const container = containers.get(id);
    if (!container) throw new RetryableError('CONTAINER_GONE', `no container ${id}`);
    return container;
  }

  function assertMade(network: string): void {
    if (!declaredNetworks.made.has(network)) throw new RetryableError('NETWORK_MISSING', `no network ${network}`);
  }

  function isFit(container: ObservedContainer): boolean {
    if (container.state !== 'running' || !container.startedAt || container.address === null || containers.get(container.id)?.isFrozen)
      return false;
    const { readyAfterMs } = behaviourOf(container.imageId);
    return readyAfterMs !== null && clock.now().getTime() >= container.startedAt.getTime() + readyAfterMs;
  }

  function answer(address: string, port: number): { readonly ok: boolean; readonly message: string } {
    const container = [...containers.values()].map(observe).find((each) => each.address === address && each.state === 'running');
    const { listensOn } = behaviourOf(container?.imageId ?? '');
    const isOpen = listensOn === undefined || listensOn.includes(port);
    return container && isOpen && isFit(container)
      ? { ok: true, message: 'accepts' }
      : { ok: false, message: `connection refused by ${address}` };
  }

  const exposedBy = (image: string): readonly number[] => behaviourOf(image).exposes ?? [];

  function isTaken(host: number): boolean {
    const holds = ({ plan }: SimulatedContainer) => plan.ports.some((port) => port.host === host);
    return occupied.has(host) || [...containers.values()].some((container) => live(container).state === 'running' && holds(container));
  }

  function writesBesides(container: SimulatedContainer, other: SimulatedContainer): boolean {
    const serviceOf = ({ plan }: SimulatedContainer) => plan.labels[labels.service];
    if (serviceOf(container) === serviceOf(other) || live(other).state !== 'running') return false;
    return writtenTo(container).some((source) => writtenTo(other).includes(source));
  }

  function start(idOrName: string): void {
    const named = [...containers.values()].find(({ name }) => name === idOrName);
    const container = live(named ?? find(idOrName));
    if (container.state === 'running') return;
    if (troubles.start && container.plan.image.includes(troubles.start.image)) throw troubles.start.error;
    for (const { host } of container.plan.ports) {
      if (occupied.has(host)) throw new RetryableError('PORT_TAKEN', `port ${host} of the host is taken`);
      const holder = [...containers.values()].find(
        (other) => other !== container && live(other).state === 'running' && other.plan.ports.some((port) => port.host === host),
      );
      if (holder) throw new RetryableError('PORT_TAKEN', `port ${host} of the host is taken`);
    }
    if (behaviourOf(container.plan.image).isMissing) {
      container.exitCode = 127;
      throw new TerminalError('START_REFUSED', 'it cannot be started: no such file or directory', { details: { exitCode: 127 } });
    }
    for (const other of containers.values()) if (writesBesides(container, other)) clashes.push(`${container.name} beside ${other.name}`);
    starts += 1;
    Object.assign(container, {
      state: 'running',
      startedAt: clock.now(),
      finishedAt: null,
      exitCode: null,
      restartCount: 0,
      stoppedByHand: false,
    });
  }

  return {
    ...declaredNetworks,
    declaredNetworks,
    missingPaths,
    images,
    occupied,
    printed,
    troubles,
    starts: () => starts,
    clashes,
    all: () => [...containers.values()].map(observe),
    isFit,
    lose: (id) => void containers.delete(id),
    kill(id) {
      const container = live(find(id));
      if (container.state !== 'running') return;
      Object.assign(container, { state: 'exited', exitCode: 137, finishedAt: clock.now(), stoppedByHand: true });
      onKilled(id);
    },
    addForeign(name, ports = []) {
      made += 1;
      const plan: ContainerPlan = { ...emptyPlan, name, image: 'foreign', ports };
      const container = newContainer(`foreign${made}`, plan, clock.now());
      containers.set(container.id, { ...container, startedAt: clock.now(), attached: false, state: 'running' });
    },
    interruptAliases(id, aliases = []) {
      const container = containers.get(id) && live(find(id));
      if (container?.state !== 'running') return;
      if (behaviourOf(container.plan.image).hasHealthCheck) Object.assign(container, { aliases, isFrozen: true });
      else Object.assign(container, { attached: false, others: [], state: 'paused' });
    },
    info: async () => ({ id: 'simulated', version: '1', platform: 'linux/amd64' }),
    apiVersion: async () => '1.51',
    list: async (node: NodeName, { names = [] } = {}) =>
      [...containers.values()].map(observe).filter(({ kedge, name }) => kedge?.node === node || names.includes(name)),
    inspect: async (id) => (containers.has(id) ? observe(find(id)) : null),
    givenSecrets: async () => null,
    published: async () =>
      [...containers.values()]
        .filter((container) => live(container).state === 'running')
        .flatMap((container) => container.plan.ports.map((port) => ({ ...port, ...holderOf(container) }))),
    writable: async () =>
      [...containers.values()]
        .filter((container) => live(container).state === 'running')
        .flatMap((container) => writtenTo(container).map((source) => ({ ...holderOf(container), source }))),
    unseen: async (paths) => paths.filter((path) => missingPaths.has(path)),
    image: async (reference): Promise<LocalImage | null> => {
      const id = images.get(reference);
      return id ? { id, repoDigests: [], exposed: exposedBy(id), hasHealthcheck: false } : null;
    },
    async pull({ reference, digest }) {
      if (troubles.pull) throw troubles.pull;
      const [registry = ''] = reference.split(':');
      images.set(`docker.io/library/${registry}@${digest}`, digest);
      images.set(reference, digest);
      return { id: digest, repoDigests: [], exposed: exposedBy(digest), hasHealthcheck: false };
    },
    async create(plan) {
      if (!images.has(plan.image)) throw new RetryableError('IMAGE_MISSING', `no image ${plan.image}`);
      const holder = [...containers.values()].find(({ name }) => name === plan.name);
      if (holder) {
        const isSame = [labels.rollout, labels.shape].every((key) => holder.plan.labels[key] === plan.labels[key]);
        if (isSame) return observe(holder);
        throw new TerminalError('NAME_TAKEN', `the name ${plan.name} is taken`);
      }
      for (const network of plan.networks) assertMade(network);
      made += 1;
      const id = `c${String(made).padStart(4, '0')}`;
      containers.set(id, newContainer(id, plan, clock.now()));
      return observe(find(id));
    },
    start: async (id) => start(id),
    async stop(id) {
      const container = containers.get(id) && live(find(id));
      if (!container || container.state === 'exited' || container.state === 'created') return;
      onAct('stop', observe(container));
      Object.assign(container, { state: 'exited', exitCode: 0, finishedAt: clock.now(), stoppedByHand: true });
    },
    async remove(id, expect) {
      const container = containers.get(id);
      if (!container) return;
      if (container.plan.labels[labels.service] !== expect.service) throw new TerminalError('NOT_OURS', 'another service');
      onAct('remove', observe(container));
      containers.delete(id);
    },
    async removeForeign(id) {
      const container = containers.get(id);
      if (!container) return;
      if (container.plan.labels[labels.node] !== undefined) throw new TerminalError('NOT_FOREIGN', 'one of ours');
      containers.delete(id);
    },
    async rename(id, name) {
      if ([...containers.values()].some((other) => other.name === name && other.id !== id))
        throw new TerminalError('NAME_TAKEN', `the name ${name} is taken`);
      find(id).name = name;
    },
    async setAliases(id, { aliases, others = [] }) {
      const container = find(id);
      if (troubles.attach) throw troubles.attach;
      others.forEach(assertMade);
      if (aliases.length > 0) onAct('alias', observe(container));
      Object.assign(container, {
        attached: true,
        others,
        aliases,
        isFrozen: false,
        state: container.state === 'paused' ? 'running' : container.state,
      });
    },
    async thaw(id) {
      const container = find(id);
      Object.assign(container, { isFrozen: false, state: container.state === 'paused' ? 'running' : container.state });
    },
    logs: async (_id, { lines }) => printed.slice(-lines),
    waitForExit: async () => ({ exitCode: 0 }),
    ensureDefaultNetwork: async (name) => ({
      name,
      subnet: '10.0.0.0/16',
      gateway: '10.0.0.1',
      dynamicRange: null,
      used: [...containers.values()].flatMap(({ state, plan }) => (state === 'running' && plan.address !== null ? [plan.address] : [])),
    }),
    hostPathOfOwnMount: async () => '/host/config',
    sharesHostNetwork: async () => true,
    check: async ({ host }) => (isTaken(host) ? 'taken' : 'free'),
    follow: () => ({ close: async () => undefined }),
    http: async ({ address, port }) => answer(address, port),
    tcp: async ({ address, port }) => answer(address, port),
  };
}
