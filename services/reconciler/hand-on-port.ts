import type { Bus } from '@kedge/shared/bus';
import { type Closable, errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { findReplacement, type Replacement } from './core/find-replacement.ts';
import { createPromises } from './hand-on-port-promise.ts';
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
 * Starts the replacement of a proxy as soon as the old one is asked to end, so that somebody listens on its port throughout, and tells the old
 * one whether to wait for it: a busy engine takes its time. Whatever is missed here, Compose starts by itself later. Nobody has to be the only
 * one to do it: to start a container twice does no harm.
 */
export function handOnPort({ bus, engine, project, clock, log }: HandOnPorts): Closable {
  const stores = openStores(bus);
  const promises = createPromises({ bus, clock });

  async function handOn(leaving: string): Promise<void> {
    const containers = await project.containers();
    if (!containers) return;
    const decide = (recorded: ReadonlySet<string>) => findReplacement({ leaving, containers, recorded, now: clock.now() });
    // The bus may be away: it is only asked about containers whose name does not tell.
    let replacement: Replacement = decide(new Set());
    if (replacement.kind === 'none' && replacement.reason === 'no-proxy') replacement = decide(await recordedProxies());
    if (replacement.kind === 'none') {
      log.debug({ container: leaving, reason: replacement.reason }, 'no replacement to start');
      if (replacement.reason === 'not-replaced') await tell(leaving, promises.decline(leaving));
      return;
    }
    const { container } = replacement;
    // Promised before it is started: whoever finds it running does not find it waiting, and could say that nobody comes.
    await tell(leaving, promises.promise(leaving, container));
    try {
      await engine.start(container);
    } catch (thrown) {
      await tell(leaving, promises.withdraw(leaving));
      throw thrown;
    }
    log.info({ container: leaving, replacement: container }, 'a proxy is being replaced: started the new one');
  }

  /** A proxy that is told nothing waits for a moment, which usually is enough. */
  async function tell(leaving: string, said: Promise<void>): Promise<void> {
    await said.catch((thrown: unknown) => log.debug({ container: leaving, reason: errorMessage(thrown) }, 'the proxy could not be told'));
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
