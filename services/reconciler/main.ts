import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepLease } from '@kedge/shared/bus';
import { readEnvironment, runService } from '@kedge/shared/service';
import { createOutputMask } from './adapters/bus-output-mask.ts';
import { createSecretSource } from './adapters/bus-secret-source.ts';
import { createComposeProject } from './adapters/compose-project.ts';
import { readDiskSpace } from './adapters/disk-space.ts';
import { createDockerEngine } from './adapters/docker-engine.ts';
import { createHostPorts } from './adapters/host-ports.ts';
import { createNetworkProbe } from './adapters/network-probe.ts';
import { createSystemClock } from './adapters/system-clock.ts';
import { engineLeaseOf } from './claim-node.ts';
import { ReconcilerConfig } from './config.ts';
import { handOnPort } from './hand-on-port.ts';
import { maskOutput } from './mask-output.ts';
import { startReconciler } from './start-reconciler.ts';

await runService({
  identity: 'reconciler',
  parts: ['engine', 'bus-state', 'commands'],
  start: async ({ bus, log, metrics, config, ready, tellPasses, examine, durable, signal }) => {
    const own = readEnvironment(ReconcilerConfig, process.env);
    const recipient = (await readFile(join(config.KEDGE_KEYS, 'secrets.pub'), 'utf8')).trim();
    const engine = createDockerEngine({ socketPath: own.KEDGE_DOCKER_SOCKET, log });
    const clock = createSystemClock();
    const project = createComposeProject({ socketPath: own.KEDGE_DOCKER_SOCKET });
    // Closed last: whoever ends a whole stack without Compose asks this process to end together with the proxy.
    const handingOn = handOnPort({ bus, engine, project, clock, log });
    const parts = await startReconciler({
      bus,
      log,
      metrics,
      ready,
      signal,
      config: own,
      engine: maskOutput(engine, { mask: createOutputMask({ bus, recipient }), log }),
      hostPorts: createHostPorts({ engine }),
      probe: createNetworkProbe(),
      secrets: createSecretSource({ bus, recipient }),
      clock,
      diskSpace: readDiskSpace,
      takeLease: (engineId, listeners) => keepLease(bus, { what: engineLeaseOf(engineId), ...listeners }),
      tellPasses,
      examine,
      durable,
    });
    return [handingOn, ...parts];
  },
});
