import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createReadConfiguration } from '@kedge/config';
import { createChangeHints, createConfigurationFolder } from '@kedge/config/folder';
import type { Closable } from '@kedge/shared/kernel';
import { readEnvironment, runService, type ServiceContext } from '@kedge/shared/service';
import { readAuthorities } from './adapters/authorities.ts';
import { createCredentialSource } from './adapters/credential-source.ts';
import { createMembers } from './adapters/members.ts';
import { createRegistryAccess } from './adapters/registry-access.ts';
import { createRegistryClient } from './adapters/registry-client.ts';
import { createRegistryExchange } from './adapters/registry-exchange.ts';
import { createRenderer } from './adapters/renderer.ts';
import { systemClock as clock } from './adapters/system-clock.ts';
import { createWatcherMetrics } from './adapters/watcher-metrics.ts';
import { createApplyConfiguration } from './apply-configuration.ts';
import { WatcherConfig } from './config.ts';
import { createExamineWatcher } from './examine-watcher.ts';
import { startConfigurationLoop } from './inbound/configuration-loop.ts';
import { startRegistryLoop } from './inbound/registry-loop.ts';
import { serveRequests } from './inbound/requests.ts';
import { createLookAtImage } from './look-at-image.ts';

await runService({ identity: 'watcher', parts: ['config', 'registry'], start });

/** Makes the parts of the watcher, joins them and starts them; resolves to them in the order they were made. */
async function start({ bus, log, metrics, config, ready, passed, examine }: ServiceContext): Promise<readonly Closable[]> {
  const settings = readEnvironment(WatcherConfig, process.env);
  const recipient = (await readFile(join(config.KEDGE_KEYS, 'secrets.pub'), 'utf8')).trim();
  const { KEDGE_CONFIG_DIR: path, KEDGE_CONFIG_NAME: name, KEDGE_PLATFORM: platform, KEDGE_INSECURE_REGISTRIES: insecure } = settings;
  const counters = createWatcherMetrics(metrics);

  const members = createMembers({ bus, clock });
  const access = createRegistryAccess({ credentials: createCredentialSource({ bus, recipient, clock }), clock });
  const count = (registry: string, outcome: string) => counters.requests.inc({ registry, outcome });
  const client = createRegistryClient({ exchange: createRegistryExchange({ access, clock, insecure, count }), platform });
  const registry = startRegistryLoop({
    bus,
    lookAtImage: createLookAtImage({ bus, registry: client, clock, platform }),
    registry: client,
    members,
    clock,
    watching: (images) => counters.images.set(images),
    log,
    ready,
  });

  const hints = createChangeHints();
  const folder = createConfigurationFolder({ path, name, file: settings.KEDGE_CONFIG_FILE, hints });
  const configuration = startConfigurationLoop({
    folder,
    read: createReadConfiguration({
      folder,
      renderer: createRenderer(bus, recipient),
      proxyPort: settings.KEDGE_HTTP_PORT ?? null,
      httpsPort: settings.KEDGE_HTTPS_PORT,
      only: settings.KEDGE_ONLY.length > 0 ? settings.KEDGE_ONLY : undefined,
    }),
    configuration: createApplyConfiguration({ bus, clock, folder: folder.name }),
    clock,
    onPass: () => registry.wake(),
    onFullPass: passed,
    count: (outcome) => counters.revisions.inc({ outcome }),
    log,
    ready,
  });

  serveRequests(bus, { configuration, registry });
  const authorities = readAuthorities(process.env);
  if (authorities?.certificates === 0) log.warn(authorities, 'the file of authorities holds no certificate');
  examine(createExamineWatcher({ bus, authorities }));
  const lookNow = () => {
    configuration.wake();
    registry.resync();
  };
  bus.onReconnect(lookNow);
  process.on('SIGHUP', lookNow);
  const signal: Closable = { close: async () => void process.off('SIGHUP', lookNow) };
  return [members, registry, hints, configuration, signal];
}
