import type { Bus } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';
import type { PassResult } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { createPlaceAdopter } from './adopt-place.ts';
import { createRouteAnnouncer } from './announce-routes.ts';
import { createRunClaimer } from './claim-run.ts';
import { createRunCloser } from './close-runs.ts';
import { createConcluder } from './conclude-failure.ts';
import { createAwaitedFinder } from './find-awaited.ts';
import { createDependencyFinder } from './find-dependencies.ts';
import { createMoveFinder } from './find-moves.ts';
import { createSuccessorFinder, type SuccessorFinder } from './find-successors.ts';
import { createPlanFollower } from './follow-plan.ts';
import { createForgetter } from './forget-service.ts';
import { createDependencyGuard } from './guard-dependencies.ts';
import { createDestructionGuard } from './guard-destruction.ts';
import { createPortGuard } from './guard-ports.ts';
import { createPredecessorGuard } from './guard-predecessors.ts';
import { createVolumeGuard } from './guard-volumes.ts';
import { createHandOvers, type HandOvers } from './hand-over.ts';
import { createOvertaken } from './is-overtaken.ts';
import { createJudge } from './judge-containers.ts';
import { createNetworkKeeper, type NetworkKeeper } from './keep-networks.ts';
import { createRunKeeper } from './keep-runs.ts';
import { createKeeper } from './keep-service.ts';
import { createContainerMaker } from './make-container.ts';
import { createObstacleMeeter } from './meet-obstacle.ts';
import { createMemory, type Memory } from './memory.ts';
import type { RolloutOutcome } from './metrics.ts';
import { createNamer } from './name-container.ts';
import { createNodeState, type NodeState } from './node-state.ts';
import { createObserver, type ObserveService } from './observe-service.ts';
import { createRunPerformer } from './perform-run.ts';
import { createPerformer } from './perform-step.ts';
import { createStepsPerformer } from './perform-steps.ts';
import { createPlanner, type PlanService } from './plan-service.ts';
import type { Clock, ContainerEngine, GateProbe, HostPorts, SecretSource } from './ports.ts';
import { createImagePuller } from './pull-images.ts';
import { createDeclaredReader } from './read-declared.ts';
import { createReattacher } from './reattach-container.ts';
import { createReconciler } from './reconcile-service.ts';
import { createFailureRecorder } from './record-failure.ts';
import { createObstacleRecorder } from './record-obstacle.ts';
import { createRolloutRecorder } from './record-rollout.ts';
import { createRunRecorder } from './record-run.ts';
import { createStandingRecorder } from './record-standing.ts';
import { createRemover } from './remove-service.ts';
import { createAddressRest } from './rest-addresses.ts';
import { createRunAdvancer, type RunAdvancer } from './run-job.ts';
import { createRunLedger, type RunLedger } from './run-ledger.ts';
import { createRunOutputs } from './run-outputs.ts';
import { createSettler } from './settle-service.ts';
import { createStarter } from './start-container.ts';
import { openStores, type Stores } from './stores.ts';
import { createProxyWatch, type ProxyWatch } from './watch-proxies.ts';
import { createRecordWriter } from './write-record.ts';

/** What the use cases of one process need from outside. */
export interface AssemblyPorts {
  readonly bus: Bus;
  readonly engine: ContainerEngine;
  readonly probe: GateProbe;
  readonly hostPorts: HostPorts;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Name of the default network, by the name of the main configuration file. */
  readonly networkNameFor: (entry: string) => string;
  readonly preferredSubnet: string;
  readonly configFolder: () => Promise<string>;
  readonly proxyLostAfterMs: number;
  /** How long a service waits for others before that is told as a failure. */
  readonly dependencyDeadlineMs: number;
  /** Pulls at the same time. */
  readonly pullsAtOnce: number;
  /** True while this instance is the only one that acts on the engine. */
  readonly mayAct: () => boolean;
  /** Asks for a pass over a service. */
  readonly wake: (service: ServiceName) => void;
  /** Asks for a look at everything. */
  readonly wakeAll: () => void;
  readonly onRolloutEnd: (outcome: RolloutOutcome) => void;
}

/** The use cases of one process, joined; nothing runs by itself yet. */
export interface Assembly {
  readonly stores: Stores;
  readonly memory: Memory;
  readonly reconcile: (service: ServiceName) => Promise<PassResult>;
  readonly nodeState: NodeState;
  readonly observe: ObserveService;
  readonly plan: PlanService;
  readonly proxies: ProxyWatch;
  readonly runs: RunAdvancer;
  readonly ledger: RunLedger;
  readonly handOvers: HandOvers;
  readonly successors: SuccessorFinder;
  readonly networks: NetworkKeeper;
}

/** Makes and joins them; nothing is read or changed by that. */
export function assemble(ports: AssemblyPorts): Assembly {
  const { bus, engine, probe, secrets, clock, log, mayAct, preferredSubnet, configFolder } = ports;
  const stores = openStores(bus);
  const memory = createMemory();
  const networkName = ({ manifest }: { readonly manifest: { readonly entry: string } }) => ports.networkNameFor(manifest.entry);

  const write = createRecordWriter({ bus, stores });
  const recorder = createRolloutRecorder({ bus, write, clock, memory, onEnd: ports.onRolloutEnd });
  const failures = createFailureRecorder({ bus, stores, write, clock, random: ports.random, onEnd: ports.onRolloutEnd });
  const noteObstacle = createObstacleRecorder({ write, clock, random: ports.random });
  const standing = createStandingRecorder({ write, clock });
  const declared = createDeclaredReader({ bus, stores });
  const findDependencies = createDependencyFinder({ bus, engine, stores });
  const moves = createMoveFinder({ bus, stores, engine, declared, findDependencies, configFolder });
  const successors = createSuccessorFinder({ bus, stores, engine, moves });
  const handOvers = createHandOvers({ bus, stores, declared, moves, successors, wake: ports.wake });
  const routes = createRouteAnnouncer({ bus, stores, clock, memory, onSaid: handOvers.written });
  const proxies = createProxyWatch({ bus, stores, engine, clock, memory, lostAfterMs: ports.proxyLostAfterMs });
  const puller = createImagePuller({ engine, secrets, atOnce: ports.pullsAtOnce });
  const assertMayDestroy = createDestructionGuard({ bus, mayAct });
  const nodeState = createNodeState({ bus, stores, clock, log });
  const { random, networkNameFor } = ports;
  const networks = createNetworkKeeper({ bus, stores, engine, nodeState, clock, random, log, networkNameFor, assertMayDestroy });
  const rest = createAddressRest({ bus, stores, clock });
  const maker = createContainerMaker({ bus, engine, rest, secrets, clock, memory, networks, networkName, preferredSubnet, configFolder });
  const conclude = createConcluder({ engine, failures, log });
  const name = createNamer({ engine, networkName });
  const start = createStarter({ bus, engine, memory, maker, name, networks, assertMayDestroy });
  const reattach = createReattacher({ bus, engine, networks, networkName, assertMayDestroy });
  const assertDependencies = createDependencyGuard({ bus, engine, stores, findDependencies, deadlineMs: ports.dependencyDeadlineMs });
  const assertVolumesFree = createVolumeGuard({ engine, moves, configFolder });
  const ledger = createRunLedger({ bus, stores });
  const outputs = createRunOutputs(stores);
  const keeper = createRunKeeper({ stores, outputs, ledger });
  const runRecorder = createRunRecorder({ bus, stores, clock, ledger, outputs, keeper });
  const closer = createRunCloser({ bus, stores, engine, ledger, recorder: runRecorder });
  const perform = createPerformer({
    bus,
    engine,
    memory,
    log,
    maker,
    rest,
    puller,
    routes,
    recorder,
    failures,
    conclude,
    reattach,
    start,
    findAwaited: createAwaitedFinder({ engine }),
    name,
    runLeaves: closer.containerLeaves,
    networks,
    assertMayDestroy,
  });
  const runs = createRunAdvancer({
    bus,
    engine,
    stores,
    memory,
    log,
    ledger,
    keeper,
    closer,
    claim: createRunClaimer({ bus, stores, clock, ledger, keeper, closer }),
    perform: createRunPerformer({
      bus,
      engine,
      memory,
      maker,
      puller,
      recorder: runRecorder,
      closer,
      write,
      start,
      reattach,
      networks,
      assertMayDestroy,
      assertDependencies,
      assertVolumesFree,
    }),
    mayAct,
  });
  const observe = createObserver({ bus, stores, engine, clock, memory, nodeState });
  const plan = createPlanner({
    bus,
    maker,
    judge: createJudge({ engine, probe, watchedSince: () => memory.watchedSince() }),
    proxies,
    routes,
    handOvers,
  });
  const forget = createForgetter({ stores, write, clock, forgetRuns: (world) => runs.forget(world) });
  const adopter = createPlaceAdopter({ bus, engine, write, assertMayDestroy, log });
  const assertPortsFree = createPortGuard({ bus, engine, hostPorts: ports.hostPorts, declared, moves });
  const performAll = createStepsPerformer({ perform, mayAct });
  const assertPredecessorsGone = createPredecessorGuard({ moves });
  const onGone = ports.wakeAll;
  const remove = createRemover({ bus, log, memory, performAll, failures, standing, routes, proxies, handOvers, runs, forget, onGone });
  const keep = createKeeper({
    log,
    memory,
    follow: createPlanFollower({
      plan,
      performAll,
      adopter,
      standing,
      recorder,
      assertDependencies,
      assertPortsFree,
      assertVolumesFree,
      assertPredecessorsGone,
    }),
    isOvertaken: createOvertaken({ bus, stores, engine }),
    settle: createSettler({ memory, routes, runs, standing }),
    remove,
    conclude,
    recorder,
    standing,
    failures,
    noteObstacle,
    write,
    routes,
    runs,
    adopter,
  });
  const meet = createObstacleMeeter({ log, observe, routes, noteObstacle });
  const reconcile = createReconciler({ log, observe, routes, handOvers, keep, remove, meet, mayAct });
  return { stores, memory, nodeState, reconcile, observe, plan, proxies, runs, ledger, handOvers, successors, networks };
}
