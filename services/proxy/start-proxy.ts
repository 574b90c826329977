import { type Closable, errorMessage, wait } from '@kedge/shared/kernel';
import type { ServiceContext } from '@kedge/shared/service';
import type { ProxyConfig } from './config.ts';
import { createTableBuilder } from './core/route-table.ts';
import { handOverBounds } from './core/stop-schedule.ts';
import { createDataPlane } from './data-plane.ts';
import { createExamineProxy } from './examine-proxy.ts';
import { createRouteFollower } from './follow-routes.ts';
import { createHandOver } from './hand-over.ts';
import { listenToWakes } from './inbound/wakes.ts';
import type {
  CertificateSource,
  EndpointsSnapshot,
  EndpointsSource,
  PasswordHashes,
  PortListeners,
  ResolveHost,
  SendQueues,
  UpgradeClient,
  UpstreamClient,
  VerifyPassword,
  WriteAccess,
} from './ports.ts';
import { createReporter } from './report-proofs.ts';
import { startSampling } from './sample-traffic.ts';

interface ProxyPorts extends Pick<ServiceContext, 'bus' | 'log' | 'metrics' | 'ready' | 'passed' | 'examine'> {
  readonly config: ProxyConfig;
  readonly upstream: UpstreamClient;
  readonly upgrades: UpgradeClient;
  /** Null: there are none, so no TLS. */
  readonly certificates: CertificateSource | null;
  readonly hashes: PasswordHashes;
  readonly verify: VerifyPassword;
  readonly writeAccess: WriteAccess;
  readonly source: EndpointsSource;
  readonly snapshot: EndpointsSnapshot;
  readonly resolveHost: ResolveHost;
  readonly portListeners: PortListeners;
  readonly sendQueues: SendQueues;
  /** The proxy's own container; null outside of one. */
  readonly container: string | null;
}

/** A running proxy. */
export interface RunningProxy {
  /** Close in reverse: the door first, then goodbye. */
  readonly parts: readonly Closable[];
  /** Where it listens now; null while it does not. */
  port(): number | null;
}

/** Joins the parts and starts them. Nothing here waits for the bus: saved routes are served without it. */
export async function startProxy(ports: ProxyPorts): Promise<RunningProxy> {
  const { bus, log, ready, passed, source, snapshot, container, upstream, config } = ports;
  const handOver = createHandOver({
    bus,
    container,
    leave: () => reporter.leave(),
    whoListens: async () => await ports.portListeners(listening.port() ?? 0),
    ownSockets: () => listening.sockets(),
    ...handOverBounds(config),
    pause: wait,
    log,
  });
  const { routes, traffic, ejections, checks, listening, https, ports: servicePorts, hashes } = createDataPlane({ ...ports, handOver });
  const follower = createRouteFollower({
    source,
    snapshot,
    routes,
    buildTable: createTableBuilder(),
    servesHttps: config.KEDGE_HTTPS_PORT !== undefined,
    pause: wait,
    log,
    onRead: () => reporter.wake(),
    passed,
  });
  const reporter = createReporter({ bus, follower, openOf: traffic.openOf, container, log });

  routes.onReplaced(() => ready('routes', true));
  traffic.onQuiet((target) => {
    if (follower.leaving().some(({ id }) => id === target)) reporter.wake();
  });

  ready('routes', 'no endpoints were read yet');
  await follower.restore();
  await listening.start();
  follower.start();
  reporter.start();
  ports.examine(
    createExamineProxy({
      doors: () => [
        { setting: 'KEDGE_HTTP_PORT', wanted: config.KEDGE_HTTP_PORT, port: listening.port() },
        ...(https ? [{ setting: 'KEDGE_HTTPS_PORT', wanted: config.KEDGE_HTTPS_PORT ?? 0, port: https.port() } as const] : []),
      ],
      ports: servicePorts,
      routes,
      resolve: ports.resolveHost,
      pause: wait,
    }),
  );
  listenToWakes(bus, { follower, reporter });
  ejections.onEjected(({ service, target, reason, failures }) => {
    const { instance } = bus;
    // Whoever misses it sees the target's answers in samples.
    if (!bus.isConnected()) return;
    bus
      .publish('target.unhealthy', { instance, service, target: target.id, reason, failures }, { service })
      .catch((thrown: unknown) => log.debug({ reason: errorMessage(thrown) }, 'an event could not be said'));
  });
  const sampling = startSampling({ bus, traffic, log });
  return { parts: [sampling, upstream, checks, reporter, hashes, follower, listening], port: () => listening.port() };
}
