import type { Bus } from '@kedge/shared/bus';
import type { Closable } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Registry } from 'prom-client';
import type { ProxyConfig } from './config.ts';
import { createDataPlane } from './data-plane.ts';
import { createRouteFollower } from './follow-routes.ts';
import { listenToWakes } from './inbound/wakes.ts';
import type { EndpointsSnapshot, EndpointsSource, UpgradeClient, UpstreamClient } from './ports.ts';
import { createReporter } from './report-proofs.ts';

interface ProxyPorts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly ready: (part: string, state: boolean | string) => void;
  readonly config: ProxyConfig;
  readonly upstream: UpstreamClient;
  readonly upgrades: UpgradeClient;
  readonly source: EndpointsSource;
  readonly snapshot: EndpointsSnapshot;
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
  const { bus, log, ready, source, snapshot, container, upstream } = ports;
  const { routes, traffic, listening } = createDataPlane(ports);
  const follower = createRouteFollower({ source, snapshot, routes, log, onRead: () => reporter.wake() });
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
  listenToWakes(bus, { follower, reporter });
  return { parts: [upstream, reporter, follower, listening], port: () => listening.port() };
}
