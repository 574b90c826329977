import type { Closable } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import { createAccessLog } from './access-log.ts';
import { createAvoidance } from './avoidance.ts';
import { startChecking } from './check-targets.ts';
import { createClientConnections } from './client-connections.ts';
import type { ProxyConfig } from './config.ts';
import { noAddress } from './core/address-set.ts';
import type { HandOverOutcome } from './core/stop-schedule.ts';
import { createEjections, type Ejections } from './ejections.ts';
import { createHoldRoom } from './hold-room.ts';
import { createHttpDoors } from './http-doors.ts';
import { createHttpsDoor, type HttpsDoor, openTogether } from './https-door.ts';
import { createFreshCertificates } from './inbound/fresh-certificates.ts';
import { createServerNames } from './inbound/server-names.ts';
import { keepHashes } from './keep-hashes.ts';
import { keepListening, type Listening } from './keep-listening.ts';
import { createPortListeners, type PortListeners } from './l4/port-listeners.ts';
import { createLimitQueues } from './limit-queues.ts';
import { createPasswords } from './passwords.ts';
import type { CertificateSource, PasswordHashes, SendQueues, UpgradeClient, UpstreamClient, VerifyPassword, WriteAccess } from './ports.ts';
import { createRateLimits } from './rate-limits.ts';
import { createReadAhead } from './read-ahead.ts';
import { createRetryBudgets } from './retry-budgets.ts';
import { createRoutes, type Routes } from './routes.ts';
import type { Surroundings } from './surroundings.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { showEjections, showTraffic } from './traffic-metrics.ts';

/** What a data plane is made of. */
export interface DataPlanePorts {
  readonly config: ProxyConfig;
  readonly upstream: UpstreamClient;
  readonly upgrades: UpgradeClient;
  /** Null: there are none, so no TLS. */
  readonly certificates: CertificateSource | null;
  readonly sendQueues: SendQueues;
  readonly hashes: PasswordHashes;
  readonly verify: VerifyPassword;
  readonly writeAccess: WriteAccess;
  /** Resolves when this proxy, asked to end, waits for nobody in its place any more. */
  readonly handOver: () => Promise<HandOverOutcome>;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly ready: (part: string, state: boolean | string) => void;
}

/** Everything that a request passes through. It needs a table of routes and nothing else. */
export interface DataPlane {
  readonly routes: Routes;
  readonly traffic: Traffic;
  readonly ejections: Ejections;
  /** Asks targets until it is closed. */
  readonly checks: Closable;
  readonly listening: Listening;
  /** Null: no TLS. */
  readonly https: HttpsDoor | null;
  /** Where connections of TCP are taken for services. */
  readonly ports: PortListeners;
  /** Asks for hashes of passwords until it is closed. */
  readonly hashes: Closable;
}

/** Of the bodies of requests that wait: of one, and of all. */
const readAheadBounds = { each: 1_048_576, all: 67_108_864 };

/** Listens to nobody before `listening.start`; until routes are known, everybody is answered with 503. */
export function createDataPlane(given: DataPlanePorts): DataPlane {
  const { config, upstream, upgrades, certificates, sendQueues, hashes, verify, writeAccess, handOver, metrics, log, ready } = given;
  const routes = createRoutes();
  const traffic = createTraffic();
  showTraffic(metrics, traffic);
  const rateLimits = createRateLimits(() => performance.now());
  const known = keepHashes({ routes, hashes, log });
  const holdRoom = createHoldRoom(routes, config.KEDGE_HOLD_LIMIT);
  known.onLearned(() => holdRoom.wake());
  const ejections = createEjections(() => performance.now());
  ejections.onEjected(({ service, target, reason, failures }) => {
    traffic.ejected(target, service);
    log.warn({ service, target: target.id, reason, failures }, 'a target is left out for a while');
  });
  ejections.onTakenAgain(({ service, target }) => log.info({ service, target: target.id }, 'a target that was left out is taken again'));
  showEjections(metrics, { traffic, ejections });
  const limitQueues = createLimitQueues();
  traffic.onFreed((target) => limitQueues.freed(target));
  const surroundings: Surroundings = {
    routes,
    upstream,
    traffic,
    access: createAccessLog({ routes, write: writeAccess, random: Math.random }),
    avoidance: createAvoidance(() => performance.now()),
    ejections,
    retryBudgets: createRetryBudgets(() => performance.now()),
    limitQueues,
    rateLimits,
    passwords: createPasswords({ hashes: known, verify, now: () => performance.now(), log }),
    holdRoom,
    readAhead: createReadAhead(readAheadBounds),
    holdTimeoutMs: config.KEDGE_HOLD_TIMEOUT,
    connectRetryMs: config.KEDGE_CONNECT_RETRY,
    uploadIdleMs: config.KEDGE_UPLOAD_IDLE,
    maxHeaders: config.KEDGE_CLIENT_HEADER_COUNT,
    httpsPort: () => (https ? config.KEDGE_HTTPS_PORT || https.lastPort() : null),
    log,
    isStopping: () => listening.isStopping(),
  };
  const clients = createClientConnections({
    limit: config.KEDGE_CLIENT_CONNECTIONS,
    trusts: () => routes.current()?.trusts ?? noAddress,
    log,
  });
  const doors = createHttpDoors(surroundings, upgrades, {
    host: config.KEDGE_HTTP_HOST,
    clientIdleMs: config.KEDGE_CLIENT_IDLE,
    clientHeadersMs: config.KEDGE_CLIENT_HEADERS,
    maxHeaderBytes: config.KEDGE_CLIENT_HEADER_BYTES,
    admit: clients.admit,
    downloadIdleMs: config.KEDGE_DOWNLOAD_IDLE,
    senders: () => routes.current()?.senders ?? null,
    sendQueues,
    connections: traffic.connections,
    log,
  });
  const httpsWanted = config.KEDGE_HTTPS_PORT;
  const https =
    httpsWanted === undefined || certificates === null
      ? null
      : createHttpsDoor({
          routes,
          openDoor: async () => await doors.open(httpsWanted, await createServerNames({ certificates, routes, log })),
          drainMs: config.KEDGE_DRAIN_TIMEOUT,
          log,
          ready: (state) => ready('https', state),
        });
  const ports = createPortListeners({
    ...surroundings,
    clients,
    certificates: certificates && createFreshCertificates({ certificates, now: () => performance.now() }),
    ownPorts: new Set([config.KEDGE_HTTP_PORT, config.KEDGE_HTTPS_PORT ?? config.KEDGE_HTTP_PORT]),
    handshakeMs: config.KEDGE_CLIENT_HEADERS,
    host: config.KEDGE_HTTP_HOST,
    connectTimeoutMs: config.KEDGE_CONNECT_TIMEOUT,
  });
  const listening = keepListening({
    routes,
    openDoor: async () => await openTogether(async () => await doors.open(config.KEDGE_HTTP_PORT, null), https ? [https, ports] : [ports]),
    handOver,
    underWay: traffic.underWay,
    drainMs: config.KEDGE_DRAIN_TIMEOUT,
    graceMs: config.KEDGE_PROXY_STOP_GRACE_PERIOD,
    log,
    ready: (state) => ready('listener', state),
  });
  const refused: Counter = new Counter({
    name: 'kedge_refused_connections_total',
    help: 'Connections of clients that had too many, ended without an answer',
    registers: [metrics],
    collect() {
      refused.reset();
      refused.inc(clients.refused());
    },
  });
  const connections: Gauge = new Gauge({
    name: 'kedge_upstream_connections',
    help: 'Open connections to targets, idle ones included',
    registers: [metrics],
    collect() {
      connections.set(upstream.connections());
    },
  });
  routes.onReplaced((table) => {
    upstream.keepOnly(table.readyTargets);
    traffic.keepOnly(table);
    ejections.keepOnly(table.targets);
    limitQueues.wakeAll();
    doors.keepOnly(table.targets);
    rateLimits.keepOnly(table.rateKeys);
  });
  const checks = startChecking({ routes, upstream, ejections, now: () => performance.now() });
  return { routes, traffic, ejections, checks, listening, https, ports, hashes: known };
}
