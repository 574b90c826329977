import { wait } from '@kedge/shared/kernel';
import type { ProcessContext } from '@kedge/shared/service';
import { createTableBuilder } from './core/route-table.ts';
import { createDataPlane, type DataPlanePorts } from './data-plane.ts';
import { createRouteFollower } from './follow-routes.ts';
import { wakeOnHangUp } from './inbound/wakes.ts';
import type { EndpointsSnapshot, EndpointsSource } from './ports.ts';

interface AlonePorts extends Omit<DataPlanePorts, 'handOver'>, Pick<ProcessContext, 'opened'> {
  readonly source: EndpointsSource;
}

/** Looking costs no more than reading a file. */
const lookEveryMs = 1_000;

/** What is in the file is there after a restart too. */
const noSnapshot: EndpointsSnapshot = { load: async () => await Promise.resolve(null), save: async () => await Promise.resolve() };

/**
 * Starts a proxy that has its routes from a file, and no bus: nobody waits for its proofs, and none takes its place when it ends. Rejects when
 * the file cannot be used to begin with; later the last good one stays in force.
 */
export async function startAlone(ports: AlonePorts): Promise<void> {
  const { config, source, opened, upstream, log, ready } = ports;
  const { routes, traffic, listening, hashes, checks } = createDataPlane({
    ...ports,
    handOver: async () => await Promise.resolve('switched-off'),
  });
  const follower = createRouteFollower({
    source,
    snapshot: noSnapshot,
    routes,
    buildTable: createTableBuilder(),
    servesHttps: config.KEDGE_HTTPS_PORT !== undefined,
    everyMs: lookEveryMs,
    pause: wait,
    log,
    onRead: forgetQuietOnes,
    passed: () => undefined,
  });

  function forgetQuietOnes(): void {
    follower.forget(new Set(follower.leaving().flatMap(({ id }) => (traffic.openOf(id) === 0 ? [id] : []))));
  }

  await source.read();
  routes.onReplaced(({ targets }) => {
    ready('routes', true);
    // No container stops here, which would end them.
    upstream.endBeyond(targets);
  });
  for (const part of [upstream, hashes, checks, follower, listening]) opened(part);
  follower.start();
  await listening.start();
  opened(wakeOnHangUp(follower));
}
