import type { Bus } from '@kedge/shared/bus';
import { type Closable, errorMessage, KedgeError } from '@kedge/shared/kernel';
import { inTime, type Logger } from '@kedge/shared/service';
import { findReplacement, type Replacement } from './core/find-replacement.ts';
import { createPromises } from './hand-on-port-promise.ts';
import type { Clock, ContainerEngine, OwnProject } from './ports.ts';
import { openStores } from './stores.ts';

interface HandOnPorts {
  readonly bus: Bus;
  readonly engine: Pick<ContainerEngine, 'follow' | 'start' | 'inspect'>;
  readonly project: OwnProject;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** How long the old one's word may hold up the start of the new one: while the bus is slow to fail, nobody may listen otherwise. */
const tellWithinMs = 250;

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
      if (replacement.reason === 'not-replaced') await tell(leaving, async () => await promises.decline(leaving));
      return;
    }
    const { container } = replacement;
    // Promised before it is started: whoever finds it running does not find it waiting, and could say that nobody comes.
    const told = tell(leaving, async () => await promises.promise(leaving, container));
    await inTime(told, { withinMs: tellWithinMs, instead: () => undefined });
    try {
      await engine.start(container);
    } catch (thrown) {
      await told; // so that the withdrawal is the last word
      if (isRefusal(thrown) && !(await mayRun(container))) await tell(leaving, async () => await promises.withdraw(leaving, container));
      throw thrown;
    }
    log.info({ container: leaving, replacement: container }, 'a proxy is being replaced: started the new one');
    await told;
  }

  /** A proxy that is told nothing waits for a moment, which usually is enough. */
  async function tell(leaving: string, say: () => Promise<void>): Promise<void> {
    if (!bus.isConnected()) return;
    await say().catch((thrown: unknown) => log.debug({ container: leaving, reason: errorMessage(thrown) }, 'the proxy could not be told'));
  }

  /** Somebody else may have started it; what nobody can tell counts as running, because a promise that was true stays so. */
  async function mayRun(container: string): Promise<boolean> {
    try {
      const state = (await engine.inspect(container))?.state;
      return state === 'running' || state === 'restarting' || state === 'paused';
    } catch (thrown) {
      log.debug({ container, reason: errorMessage(thrown) }, 'whether the replacement runs is not known');
      return true;
    }
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

/** The engine said no. A broken connection or our own time limit says nothing: the start may have gone through, or still do. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof KedgeError && typeof thrown.details.status === 'number';
}
