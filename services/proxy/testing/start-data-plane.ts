import type { EndpointsEntry, ProxySettings } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { readEnvironment } from '@kedge/shared/service';
import { silentLog } from '@kedge/shared/testing';
import { Registry } from 'prom-client';
import { makeSelfSigned } from '../adapters/make-self-signed.ts';
import { createSelfSignedFiles } from '../adapters/self-signed-files.ts';
import { sendQueues } from '../adapters/send-queues.ts';
import { createUpgradeClient } from '../adapters/upgrade-client.ts';
import { createUpstreams } from '../adapters/upstreams.ts';
import { createVerifyPassword } from '../adapters/verify-password.ts';
import { ProxyConfig } from '../config.ts';
import { buildRouteTable } from '../core/route-table.ts';
import type { HandOverOutcome } from '../core/stop-schedule.ts';
import { createDataPlane, type DataPlane } from '../data-plane.ts';
import type { WriteAccess } from '../ports.ts';
import { createSelfSignedCertificates } from '../self-signed-certificates.ts';
import { knownEndpoints } from './endpoints.ts';

/** The whole data plane on a free port of the loopback interface, without a bus. */
export interface TestDataPlane extends DataPlane {
  readonly port: number;
  readonly metrics: Registry;
  /** What each part said of itself last. */
  readonly states: ReadonlyMap<string, boolean | string>;
  /** Hashes of passwords that can be had, by `ref`. */
  readonly secretHashes: Map<string, string>;
  /** Requests of the service `web` that are under way, whether they wait or not. */
  underWay(): Promise<number>;
  /** Open connections to targets. */
  connections(): number;
  /** What was written down of requests. */
  readonly accessLines: readonly Parameters<WriteAccess>[0][];
  /** Replaces the routes, as the follower does. */
  route(entries: readonly EndpointsEntry[], settings?: ProxySettings): void;
  close(): Promise<void>;
}

/**
 * `outcome` is what its hand-over comes to, at once; `saved` are the settings that it finds after a restart. With a port for HTTPS it needs a
 * `KEDGE_STATE_DIR` too.
 */
export async function startDataPlane(
  environment: Readonly<Record<string, string>> = {},
  outcome: HandOverOutcome = 'served',
  saved: ProxySettings | null = null,
): Promise<TestDataPlane> {
  const config = readEnvironment(ProxyConfig, {
    KEDGE_HTTP_HOST: '127.0.0.1',
    KEDGE_HTTP_PORT: '0',
    KEDGE_DRAIN_TIMEOUT: '1s',
    KEDGE_PROXY_STOP_GRACE_PERIOD: '0s',
    ...environment,
  });
  const log = silentLog();
  const metrics = new Registry();
  const secretHashes = new Map<string, string>();
  const states = new Map<string, boolean | string>();
  const accessLines: Parameters<WriteAccess>[0][] = [];
  const upstream = createUpstreams(config);
  const upgrades = createUpgradeClient({ connectTimeoutMs: config.KEDGE_CONNECT_TIMEOUT, log });
  const plane = createDataPlane({
    config,
    upstream,
    upgrades,
    certificates:
      config.KEDGE_CERTIFICATES === 'none'
        ? null
        : createSelfSignedCertificates({
            store: createSelfSignedFiles(config.KEDGE_STATE_DIR),
            make: makeSelfSigned,
            now: () => new Date(),
            log,
          }),
    sendQueues,
    hashes: {
      find: async (secrets) =>
        await Promise.resolve(
          new Map(secrets.flatMap(({ ref }) => (secretHashes.has(ref) ? [[ref, new Sealed(secretHashes.get(ref) ?? '')]] : []))),
        ),
    },
    verify: createVerifyPassword(),
    writeAccess: (facts) => void accessLines.push(facts),
    metrics,
    log,
    ready: (part, state) => void states.set(part, state),
    handOver: async () => await Promise.resolve(outcome),
  });
  if (saved) plane.routes.replace(buildRouteTable(knownEndpoints([], saved)));
  await plane.listening.start();
  return {
    ...plane,
    metrics,
    states,
    secretHashes,
    accessLines,
    port: plane.listening.port() ?? 0,
    async underWay() {
      const [, count = '0'] = /^kedge_open_requests\{service="web"\} (\d+)$/m.exec(await metrics.metrics()) ?? [];
      return Number(count);
    },
    connections: () => upstream.connections(),
    route: (entries, settings = { strategy: 'http-only' }) => plane.routes.replace(buildRouteTable(knownEndpoints(entries, settings))),
    async close() {
      await plane.listening.close();
      await plane.hashes.close();
      await plane.checks.close();
      await upstream.close();
    },
  };
}
