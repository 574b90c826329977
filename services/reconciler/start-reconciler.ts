import { posix } from 'node:path';
import type { Lease } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';
import { type Closable, errorCode, errorMessage, inLogContext, KedgeError, wait } from '@kedge/shared/kernel';
import { createPassAges, inTime, type ServiceContext } from '@kedge/shared/service';
import { createLogsAnswerer } from './answer-logs.ts';
import { createPlanAnswerer } from './answer-plan.ts';
import { createStatusAnswerer } from './answer-status.ts';
import { assemble } from './assemble.ts';
import { claimNode, nodeTakenMessage } from './claim-node.ts';
import type { ReconcilerConfig } from './config.ts';
import { createPassDriver } from './drive-passes.ts';
import { createExamineReconciler } from './examine-reconciler.ts';
import { createFindRole } from './find-role.ts';
import { createHonour } from './honour-command.ts';
import { impatient } from './impatient-engine.ts';
import { createCommandIntake } from './inbound/commands.ts';
import { followEngine } from './inbound/engine-events.ts';
import { serveRequests } from './inbound/requests.ts';
import { subscribeWakes } from './inbound/wakes.ts';
import { createLookAtEverything } from './look-at-everything.ts';
import { createReconcilerMetrics } from './metrics.ts';
import type { Clock, ContainerEngine, DiskSpace, GateProbe, HostPorts, SecretSource } from './ports.ts';
import { createDeathReporter } from './report-death.ts';
import { createResync } from './resync.ts';
import { createTakeover } from './take-over.ts';
import { thawContainers } from './thaw-containers.ts';

interface StartPorts extends Pick<ServiceContext, 'bus' | 'log' | 'metrics' | 'signal' | 'ready' | 'tellPasses' | 'examine' | 'durable'> {
  readonly config: ReconcilerConfig;
  readonly engine: ContainerEngine;
  readonly probe: GateProbe;
  readonly hostPorts: HostPorts;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  /** Of the disk that the engine keeps images and containers on. */
  readonly diskSpace: () => Promise<DiskSpace>;
  /** Competes for the right to act on an engine. */
  readonly takeLease: (engineId: string, listeners: { readonly onTaken: () => void; readonly onLost: () => void }) => Lease;
}

/** The durable consumer that commands wait in. */
const commandConsumer = 'reconciler';
/** While the engine does not answer. */
const retryAfterMs = 5_000;
/** After so long somebody shall be able to ask what we wait for. */
const answersWithinMs = 3_000;

/** Makes the parts and joins them; what it resolves to is closed in reverse. */
export async function startReconciler(ports: StartPorts): Promise<readonly Closable[]> {
  const { bus, log, engine, probe, hostPorts, secrets, clock, diskSpace, config, ready, durable, signal } = ports;
  // For those who answer questions, and those alone.
  const asked = impatient(engine);
  const ages = createPassAges<ServiceName>(() => clock.now());

  const metrics = createReconcilerMetrics(ports.metrics);
  const networkNameFor = (entry: string) => config.KEDGE_NETWORK ?? (posix.basename(entry) === 'kedge.toml' ? 'kedge' : 'dispenser');
  let lease: Lease | null = null;
  let claim: Lease | null = null;
  const isHeld = () => (lease?.held() ?? false) && (claim?.held() ?? false) && !signal.aborted;
  const mayAct = () => takeover.isDone() && isHeld();
  const { stores, memory, reconcile, observe, plan, proxies, runs, ledger, handOvers, successors, networks, nodeState } = assemble({
    bus,
    engine,
    probe,
    hostPorts,
    secrets,
    clock,
    log,
    random: Math.random,
    networkNameFor,
    preferredSubnet: config.KEDGE_SUBNET,
    configFolder: rememberingHostPath(engine, config.KEDGE_CONFIG_MOUNT),
    proxyLostAfterMs: config.KEDGE_PROXY_LOST_AFTER,
    dependencyDeadlineMs: config.KEDGE_DEPENDENCY_DEADLINE,
    pullsAtOnce: config.KEDGE_MAX_ROLLOUTS,
    mayAct,
    wake: (service) => driver.wake(service),
    wakeAll: () => driver.wakeAll(),
    onRolloutEnd: metrics.rolloutEnded,
  });

  function tellTrouble(thrown: unknown, service: ServiceName | null): void {
    const what = service === null ? 'a look at everything failed' : 'a pass failed';
    // The bus or the engine is away, and everybody knows that already; anything else is news.
    if (thrown instanceof KedgeError) log.warn({ service, code: thrown.code, reason: thrown.message }, what);
    else log.error({ service, err: thrown }, what);
    ready(errorCode(thrown).startsWith('ENGINE_') ? 'engine' : 'bus-state', errorMessage(thrown));
  }

  async function tellCommands(): Promise<void> {
    const consumer = await durable(commandConsumer);
    ready('commands', consumer.kind === 'there' ? true : `none is taken: ${consumer.problem.message}`);
  }

  const status = createStatusAnswerer({ bus, stores, engine: asked, proxies, handOvers, nodeState, networks, clock });
  const ensureNetwork = async (entry: string) => void (await engine.ensureDefaultNetwork(networkNameFor(entry), config.KEDGE_SUBNET));
  const driver = createPassDriver({
    concurrency: config.KEDGE_MAX_ROLLOUTS,
    async pass(service) {
      const result = await inLogContext({ service }, () => metrics.timed(() => reconcile(service)));
      ready('engine', true);
      return result;
    },
    async lookAtEverything() {
      await Promise.all([tellCommands(), mayAct() ? lookAtEverything().then(() => ready('engine', true)) : null]);
      ready('bus-state', true);
    },
    onError: tellTrouble,
    isActive: () => takeover.isDone(),
    mayAct,
    random: Math.random,
    ages,
  });
  const { wake, wakeAll } = driver;
  const resync = createResync({ bus, stores, engine, ledger, wake, ensureNetwork, networks });
  const lookAtEverything = createLookAtEverything({
    bus,
    engine,
    ledger,
    resync,
    wanted: ages.wanted,
    status: () => status({}),
    show: metrics.show,
  });
  const intake = createCommandIntake({
    bus,
    mayAct,
    honour: createHonour({ bus, stores, engine, clock, memory, nodeState, log, runs, wake, wakeAll }),
  });
  const takeover = createTakeover({
    isHeld,
    log,
    signal,
    async prepare() {
      await ledger.load();
      await thawContainers({ bus, engine, log });
    },
    async open() {
      ages.forget();
      await intake.open();
      log.info({ engine: engineId }, 'this instance acts on the engine');
      wakeAll();
    },
  });

  let engineId: string | null = null;
  let isNodeTaken = false;
  let isAnswering = false;
  /** Before the engine was met only while it does not answer: of an engine that may not have this node nobody shall be told. */
  function answer(): void {
    if (isAnswering) return;
    isAnswering = true;
    serveRequests(bus, {
      status,
      plan: createPlanAnswerer({ bus, stores, engine: asked, observe, plan, handOvers, successors, networks, nodeState }),
      logs: createLogsAnswerer({ bus, stores, engine: asked, ledger, mayAct }),
    });
  }
  const role = createFindRole({ bus, mayAct, takeover, engineId: () => engineId, isNodeTaken: () => isNodeTaken });
  ports.tellPasses(() => (takeover.isDone() ? ages.summary() : 'stands-by'));
  ports.examine(createExamineReconciler({ engine: asked, status, role, commands: async () => await durable(commandConsumer), diskSpace }));

  engineId = await meetEngine(ports, answer);
  if (engineId === null) return [driver, intake];
  const claimed = await claimNode({
    bus,
    engineId,
    onTaken() {
      isNodeTaken = false;
      ready('engine', true);
    },
    onLost: () => log.warn('the claim on the name of the node could not be renewed; nothing is changed until it is'),
    onTakenByOther() {
      isNodeTaken = true;
      log.error({ code: 'NODE_TAKEN' }, nodeTakenMessage(bus.node));
      ready('engine', nodeTakenMessage(bus.node));
    },
  });
  claim = claimed;
  const taken = ports.takeLease(engineId, {
    onTaken: () => void takeover.begin(),
    onLost: () => {
      takeover.end();
      void intake.shut();
      log.warn({ engine: engineId }, 'this instance stands by');
    },
  });
  lease = taken;

  subscribeWakes({ bus, wake, because: (service, event) => void memory.causes.set(service, event), resync: wakeAll });
  answer();
  bus.onReconnect(() => {
    memory.forgetProxies();
    wakeAll();
  });
  const reportDeath = createDeathReporter({ bus, stores, engine, log, isLeaving: (container) => memory.stopping.has(container) });
  const resyncEngine = () => {
    memory.watchEngine(clock.now());
    wakeAll();
  };
  const following = followEngine({
    node: bus.node,
    engine,
    wake,
    resync: resyncEngine,
    onDeath: (event) => void (mayAct() && reportDeath(event)),
  });
  return [claimed, taken, driver, following, intake];
}

/** Waits for the engine; null when we were asked to stop before it answered. `onAway`: it does not answer now, or not soon. */
async function meetEngine({ engine, log, ready, signal }: StartPorts, onAway: () => void): Promise<string | null> {
  while (!signal.aborted) {
    try {
      const asked = engine.info();
      await inTime(asked, { withinMs: answersWithinMs, instead: onAway });
      const { id, version, platform } = await asked;
      log.info({ engine: id, version, platform }, 'the engine answers');
      ready('engine', true);
      return id;
    } catch (thrown) {
      ready('engine', errorMessage(thrown));
      log.warn({ reason: errorMessage(thrown) }, 'the engine does not answer, trying again');
      onAway();
      await wait(retryAfterMs, signal);
    }
  }
  return null;
}

/** Outside of a container the folder lies where it is mounted. */
function rememberingHostPath(engine: ContainerEngine, mount: string): () => Promise<string> {
  let known: string | null = null;
  return async () => {
    known ??= (await engine.hostPathOfOwnMount(mount)) ?? mount;
    return known;
  };
}
