import type { Bus } from '@kedge/shared/bus';
import { LeaseEntry, ProxyRecord } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { hasSuccessor } from './core/find-successor.ts';
import type { HandOverOutcome } from './core/stop-schedule.ts';
import { type WhoComes, whoComes } from './core/who-comes.ts';

interface HandOverPorts {
  readonly bus: Pick<Bus, 'bucket' | 'node' | 'instance' | 'isConnected'>;
  /** This proxy's own; null outside of one. */
  readonly container: string | null;
  /** Lets this proxy's record say that it leaves. */
  readonly leave: () => void;
  /** The sockets that listen where this proxy does, its own included. */
  readonly whoListens: () => Promise<ReadonlySet<string>>;
  readonly ownSockets: () => number;
  /** How long to wait while nobody is known to come, in milliseconds; 0: not at all, whoever comes. */
  readonly withinMs: number;
  /** How long to wait in all for somebody who is known to come. */
  readonly atMostMs: number;
  /** Resolves to false when `signal` ended it early. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
  readonly log: Logger;
}

const lookEveryMs = 100;

/** Makes what a proxy does before it stops accepting: it resolves to why it waits for nobody any more. */
export function createHandOver({
  bus,
  container,
  leave,
  whoListens,
  ownSockets,
  withinMs,
  atMostMs,
  pause,
  log,
}: HandOverPorts): () => Promise<HandOverOutcome> {
  const records = bus.bucket('proxies', ProxyRecord);
  const leases = bus.bucket('leases', LeaseEntry);

  /** One leaving: it happens once, unless somebody closes the door twice. */
  function createWatch(since: Date) {
    let expected: WhoComes = 'unknown';

    async function look(before: ReadonlySet<string>): Promise<HandOverOutcome | null> {
      const someoneCameToListen = (now: ReadonlySet<string>) => [...now].some((socket) => !before.has(socket));
      // Without the bus nobody says what they serve: whoever came to listen since serves the saved routes, which are those of this proxy.
      if (!bus.isConnected()) return someoneCameToListen(await whoListens()) ? 'served' : null;
      const [found, places] = await Promise.all([records.readAll(bus.node), leases.readEverything()]);
      if (hasSuccessor({ records: [...found.values()].map(({ value }) => value), own: bus.instance, since })) return 'served';
      const said = whoComes({ leases: places, node: bus.node, container, since });
      // A word that has expired meanwhile was true all the same.
      if (said !== 'unknown') expected = said;
      if (expected === 'somebody') return null;
      const listening = await whoListens();
      if (someoneCameToListen(listening)) expected = 'somebody';
      // Who listens already may be about to say that it serves.
      return expected === 'nobody' && listening.size <= ownSockets() ? 'nobody-comes' : null;
    }

    return {
      async untilDecided(late: AbortSignal): Promise<HandOverOutcome> {
        const before = await whoListens();
        while (!late.aborted) {
          try {
            const outcome = await look(before);
            if (outcome) return outcome;
          } catch (thrown) {
            log.debug({ reason: errorMessage(thrown) }, 'who else serves is not known');
          }
          await pause(lookEveryMs, late);
        }
        return 'too-late';
      },
      /** The looks themselves may hang. */
      async untilTooLate(late: AbortSignal): Promise<HandOverOutcome> {
        await pause(withinMs, late);
        if (expected === 'somebody') await pause(atMostMs - withinMs, late);
        return 'too-late';
      },
    };
  }

  return async () => {
    if (withinMs === 0) return 'switched-off';
    leave();
    const late = new AbortController();
    const { untilDecided, untilTooLate } = createWatch(new Date());
    const outcome = await Promise.race([untilDecided(late.signal), untilTooLate(late.signal)]);
    late.abort();
    log.info({ outcome }, 'handing over');
    return outcome;
  };
}
