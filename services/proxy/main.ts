import { ownContainerId, readEnvironment, runService } from '@kedge/shared/service';
import { createEndpointsSource } from './adapters/bus-endpoints.ts';
import { createPasswordHashes } from './adapters/bus-password-hashes.ts';
import { portListeners } from './adapters/port-listeners.ts';
import { resolveHost } from './adapters/resolve-host.ts';
import { createSelfSignedFiles } from './adapters/self-signed-files.ts';
import { sendQueues } from './adapters/send-queues.ts';
import { createSnapshotFile } from './adapters/snapshot-file.ts';
import { createUpgradeClient } from './adapters/upgrade-client.ts';
import { createUpstreams } from './adapters/upstreams.ts';
import { verifyPassword } from './adapters/verify-password.ts';
import { ProxyConfig } from './config.ts';
import { closeWithinMs } from './core/stop-schedule.ts';
import { createSelfSignedCertificates } from './self-signed-certificates.ts';
import { startProxy } from './start-proxy.ts';

const config = readEnvironment(ProxyConfig, process.env);
const servesHttps = config.KEDGE_HTTPS_PORT !== undefined;

await runService({
  identity: 'proxy',
  parts: ['routes', 'listener', ...(servesHttps ? ['https'] : [])],
  waitForBus: false,
  closeWithin: closeWithinMs(config),
  start: async ({ bus, log, metrics, config: shared, ready, passed, examine }) => {
    const { parts } = await startProxy({
      bus,
      log,
      metrics,
      ready,
      passed,
      examine,
      config,
      upstream: createUpstreams(config),
      upgrades: createUpgradeClient({ connectTimeoutMs: config.KEDGE_CONNECT_TIMEOUT, log }),
      certificates: servesHttps
        ? createSelfSignedCertificates({
            store: createSelfSignedFiles(config.KEDGE_STATE_DIR),
            // With its library only where there is something to make.
            make: async (plan) => await (await import('./adapters/make-self-signed.ts')).makeSelfSigned(plan),
            now: () => new Date(),
            log,
          })
        : null,
      hashes: createPasswordHashes(bus, shared.KEDGE_KEYS),
      verify: verifyPassword,
      source: createEndpointsSource(bus),
      snapshot: createSnapshotFile({ folder: config.KEDGE_STATE_DIR, node: bus.node, log }),
      resolveHost,
      portListeners,
      sendQueues,
      container: ownContainerId(),
    });
    return parts;
  },
});
