import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { type NetworkSpec, NodeName, ServiceName } from '@kedge/shared/contracts';
import type { Closable } from '@kedge/shared/kernel';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import Docker from 'dockerode';
import { hostAddress } from '../../core/host-network.ts';
import { networkPlan } from '../../core/networks/network-plan.ts';
import { formatAddress, parseSubnet } from '../../core/subnets.ts';
import {
  type ContainerEngine,
  type ContainerPlan,
  type DefaultNetwork,
  labels,
  type NetworkPlan,
  type ObservedContainer,
} from '../../ports.ts';
import { createDockerEngine } from '../docker-engine.ts';
import { echoServer, lookout } from './workloads.ts';

/** A real engine with a network of its own, a way to make containers on it, and a window to look at it from inside. */
export interface EngineWorkbench extends Closable {
  readonly run: string;
  readonly node: NodeName;
  readonly engine: ContainerEngine;
  /** The engine without our adapter between: for what the port does not offer, and to break things. */
  readonly docker: Docker;
  readonly network: DefaultNetwork;
  /** Whose the planned containers are. */
  readonly ours: { readonly node: NodeName; readonly service: ServiceName };
  address(offset: number): string;
  /** A network that Kedge made for the node of the workbench. */
  declared(name: string, changes?: Partial<Omit<NetworkSpec, 'name'>>): NetworkPlan;
  plan(name: string, offset: number, changes?: Partial<ContainerPlan>): ContainerPlan;
  start(plan: ContainerPlan): Promise<ObservedContainer>;
  /** A reference to an image that brings a health check. */
  imageWithHealthcheck(): Promise<string>;
  /** The addresses that a container on the network resolves a name to. */
  resolve(name: string): Promise<readonly string[]>;
}

/** The service that planned containers belong to: differs from run to run, so that nothing else answers to it. */
export function serviceOf(run: string): string {
  return `web-${run}`;
}

export async function openWorkbench(): Promise<EngineWorkbench> {
  const run = randomBytes(4).toString('hex');
  const node = NodeName.parse(`test-${run}`);
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const engine = createDockerEngine({ log: silentLog() });
  const network = await engine.ensureDefaultNetwork(`kedge-test-${run}`, '10.211.0.0/16');
  const address = (offset: number) => formatAddress((parseSubnet(network.subnet)?.first ?? 0) + offset);

  function plan(name: string, offset: number, changes: Partial<ContainerPlan> = {}): ContainerPlan {
    return {
      name: `${name}-${run}`,
      image: 'node:26-trixie-slim',
      entrypoint: ['node', '-e', echoServer],
      restart: 'no',
      env: {},
      ports: [],
      volumes: [],
      extraHosts: [],
      network: network.name,
      address: address(offset),
      networks: [],
      ...changes,
      labels: { ...kedgeLabels({ run, node, address: address(offset) }), ...changes.labels },
    };
  }

  async function start(planned: ContainerPlan): Promise<ObservedContainer> {
    const { id } = await engine.create(planned);
    await engine.start(id);
    await waitUntil(() => isListening(planned.address ?? hostAddress, 80), { what: `${planned.name} listening` });
    return present(await engine.inspect(id));
  }

  const windowPlan = plan('lookout', 9, { entrypoint: ['node', '-e', lookout] });
  await start(windowPlan);

  return {
    run,
    node,
    engine,
    docker,
    network,
    ours: { node, service: ServiceName.parse(serviceOf(run)) },
    address,
    declared: (name, changes) => networkPlan({ name, ...changes }, node),
    plan,
    start,
    async imageWithHealthcheck() {
      const reference = 'kedge-test/healthcheck:latest';
      const building = promisify(execFile)('docker', ['build', '-q', '-t', reference, '-']);
      building.child.stdin?.end(
        'FROM node:26-trixie-slim\nHEALTHCHECK --interval=30s --start-period=20s --start-interval=200ms CMD true\n',
      );
      await building;
      return reference;
    },
    async resolve(name) {
      const answer = await fetch(`http://${windowPlan.address}/resolve?name=${encodeURIComponent(name)}`);
      return (await answer.json()) as string[];
    },
    async close() {
      const made = await docker.listContainers({ all: true, filters: { label: [`kedge.test=${run}`] } });
      await Promise.all(made.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
      const networks = await docker.listNetworks({ filters: { name: [run] } });
      for (const { Id } of networks) await docker.getNetwork(Id).remove();
    },
  };
}

/** The value, where a test has just made sure that there is one. */
export function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}

function kedgeLabels({
  run,
  node,
  address,
}: {
  readonly run: string;
  readonly node: string;
  readonly address: string;
}): Record<string, string> {
  return {
    'kedge.test': run,
    [labels.node]: node,
    [labels.service]: serviceOf(run),
    [labels.release]: `v1:${'a'.repeat(64)}`,
    [labels.rollout]: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
    [labels.slot]: '0',
    [labels.shape]: 'shape-1',
    [labels.image]: 'node:26-trixie-slim',
    [labels.digest]: `sha256:${'b'.repeat(64)}`,
    [labels.source]: 'local',
    [labels.address]: address,
  };
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
  });
}
