import type { Bus } from '@kedge/shared/bus';
import { type Closable, errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { findReplacement, type Replacement } from './core/find-replacement.ts';
import type { Clock, ContainerEngine, OwnProject } from './ports.ts';
import { openStores } from './stores.ts';

interface HandOnPorts {
  readonly bus: Bus;
  readonly engine: Pick<ContainerEngine, 'follow' | 'start'>;
  readonly project: OwnProject;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/**
 * Starts the replacement of a proxy as soon as the old one is asked to end, so that somebody listens on its port throughout. Whatever is
 * missed here, Compose starts by itself later. No lease is needed: to start a container twice does no harm.
 */
export function handOnPort({ bus, engine, project, clock, log }: HandOnPorts): Closable {
  const stores = openStores(bus);

  async function handOn(leaving: string): Promise<void> {
    const containers = await project.containers();
    if (!containers) return;
    const decide = (recorded: ReadonlySet<string>) => findReplacement({ leaving, containers, recorded, now: clock.now() });
    // The bus may be away: it is only asked about containers whose name does not tell.
    let replacement: Replacement = decide(new Set());
    if (replacement.kind === 'none' && replacement.reason === 'no-proxy') replacement = decide(await recordedProxies());
    if (replacement.kind === 'none') {
      log.debug({ container: leaving, reason: replacement.reason }, 'no replacement to start');
      return;
    }
    await engine.start(replacement.container);
    log.info({ container: leaving, replacement: replacement.container }, 'a proxy is being replaced: started the new one');
  }

  async function recordedProxies(): Promise<ReadonlySet<string>> {
    const records = await stores.proxies.readAll(bus.node);
    return new Set([...records.values()].flatMap(({ value }) => value.container ?? []));
  }

  const underWay = new Set<Promise<void>>();
  const following = engine.follow({
    onEvent({ action, container }) {
      if (action !== 'terminate') return;
      const handing = handOn(container)
        .catch((thrown: unknown) =>
          log.warn(
            { container, reason: errorMessage(thrown) },
            'a replacement could not be looked for or started; Compose starts it later',
          ),
        )
        .finally(() => underWay.delete(handing));
      underWay.add(handing);
    },
    onResync: () => undefined, // An event that was missed is no reason to start anything: Compose does.
  });
  return {
    async close() {
      await following.close();
      await Promise.all(underWay);
    },
  };
}
