import { ownContainerId, readEnvironment, runProcess, runService } from '@kedge/shared/service';
import { type AccessLines, createAccessLines } from './adapters/access-lines.ts';
import { createEndpointsSource } from './adapters/bus-endpoints.ts';
import { createPasswordHashes } from './adapters/bus-password-hashes.ts';
import { portListeners } from './adapters/port-listeners.ts';
import { resolveHost } from './adapters/resolve-host.ts';
import { createSelfSignedFiles } from './adapters/self-signed-files.ts';
import { sendQueues } from './adapters/send-queues.ts';
import { createSnapshotFile } from './adapters/snapshot-file.ts';
import { createUpgradeClient } from './adapters/upgrade-client.ts';
import { createUpstreams } from './adapters/upstreams.ts';
import { createVerifyPassword } from './adapters/verify-password.ts';
import { checkRoutes } from './check-routes.ts';
import { ProxyConfig } from './config.ts';
import { closeWithinMs } from './core/stop-schedule.ts';
import type { DataPlanePorts } from './data-plane.ts';
import { createSelfSignedCertificates } from './self-signed-certificates.ts';
import { startAlone } from './start-alone.ts';
import { startProxy } from './start-proxy.ts';

const config = readEnvironment(ProxyConfig, process.env);
const servesHttps = config.KEDGE_HTTPS_PORT !== undefined;
const definition = {
  identity: 'proxy',
  parts: ['routes', 'listener', ...(servesHttps ? ['https'] : [])],
  closeWithin: closeWithinMs(config),
} as const;

interface Common extends Pick<DataPlanePorts, 'log' | 'metrics' | 'ready'> {
  readonly lines: AccessLines;
}

/** What requests pass through is the same, wherever routes come from. */
function dataPlanePorts({ log, metrics, ready, lines }: Common) {
  return {
    config,
    log,
    metrics,
    ready,
    upstream: createUpstreams(config),
    upgrades: createUpgradeClient({ connectTimeoutMs: config.KEDGE_CONNECT_TIMEOUT, log }),
    certificates:
      config.KEDGE_CERTIFICATES === 'self-signed'
        ? createSelfSignedCertificates({
            store: createSelfSignedFiles(config.KEDGE_STATE_DIR),
            // With its library only where there is something to make.
            make: async (plan) => await (await import('./adapters/make-self-signed.ts')).makeSelfSigned(plan),
            now: () => new Date(),
            log,
          })
        : null,
    verify: createVerifyPassword(),
    writeAccess: lines.write,
    sendQueues,
  };
}

/** Ends the process when what stands behind the command cannot be meant. */
function refuse(reason: string): never {
  console.error(reason);
  process.exit(2);
}

const { KEDGE_ROUTES: file } = config;
const unknown = process.argv.slice(2).find((argument) => argument !== '--check');
if (unknown !== undefined) refuse(`"${unknown}" is not known; --check looks at the routes of KEDGE_ROUTES, all else is told by variables`);
const isCheck = process.argv.length > 2;
if (file === undefined && isCheck) refuse('--check looks at a file of routes; name it: KEDGE_ROUTES=routes.toml');
if (file !== undefined) {
  // With the grammar only where there is a file to read.
  const { createRoutesFile } = await import('./adapters/routes-file.ts');
  const { source, hashes } = createRoutesFile({ file, now: () => performance.now() });
  if (isCheck) process.exit(await checkRoutes({ source, say: console.log }));
  await runProcess({
    ...definition,
    async start(context) {
      const lines = createAccessLines({ instance: context.config.KEDGE_INSTANCE });
      context.opened(lines);
      await startAlone({ ...dataPlanePorts({ ...context, lines }), opened: context.opened, source, hashes });
    },
  });
}

await runService({
  ...definition,
  waitForBus: false,
  start: async ({ bus, log, metrics, config: shared, ready, passed, examine }) => {
    const lines = createAccessLines({ instance: shared.KEDGE_INSTANCE });
    const { parts } = await startProxy({
      ...dataPlanePorts({ log, metrics, ready, lines }),
      bus,
      passed,
      examine,
      hashes: createPasswordHashes(bus, shared.KEDGE_KEYS),
      source: createEndpointsSource(bus),
      snapshot: createSnapshotFile({ folder: config.KEDGE_STATE_DIR, node: bus.node, log }),
      resolveHost,
      portListeners,
      container: ownContainerId(),
    });
    return [lines, ...parts];
  },
});
