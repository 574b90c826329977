import type { Bus } from '@kedge/shared/bus';
import { ProxyRecord } from '@kedge/shared/contracts';
import { errorMessage, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { hasSuccessor } from './core/find-successor.ts';

interface HandOverPorts {
  readonly bus: Pick<Bus, 'bucket' | 'node' | 'instance' | 'isConnected'>;
  /** Lets this proxy's record say that it leaves. */
  readonly leave: () => void;
  /** The sockets that listen where this proxy does, its own included. */
  readonly whoListens: () => Promise<ReadonlySet<string>>;
  /** How long to wait for somebody, in milliseconds. */
  readonly withinMs: number;
  readonly log: Logger;
}

const lookEveryMs = 100;

/** Makes what a proxy does before it stops accepting: it resolves when another one serves, or after `withinMs`. */
export function createHandOver({ bus, leave, whoListens, withinMs, log }: HandOverPorts): () => Promise<void> {
  const records = bus.bucket('proxies', ProxyRecord);

  async function succeeded(since: Date, before: ReadonlySet<string>): Promise<boolean> {
    try {
      // Without the bus nobody says what they serve: whoever came to listen since serves the saved routes, which are those of this proxy.
      if (!bus.isConnected()) return [...(await whoListens())].some((socket) => !before.has(socket));
      const found = await records.readAll(bus.node);
      const values = [...found.values()].map(({ value }) => value);
      return hasSuccessor(values, bus.instance, since);
    } catch (thrown) {
      log.debug({ reason: errorMessage(thrown) }, 'who else serves is not known');
      return false;
    }
  }

  async function untilSucceeded(since: Date, late: AbortSignal): Promise<boolean> {
    const before = await whoListens();
    while (!late.aborted) {
      if (await succeeded(since, before)) return true;
      await wait(lookEveryMs, late);
    }
    return false;
  }

  return async () => {
    if (withinMs === 0) return;
    const since = new Date();
    leave();
    const late = new AbortController();
    const handedOver = await Promise.race([untilSucceeded(since, late.signal), wait(withinMs, late.signal).then(() => false)]);
    late.abort();
    if (handedOver) log.info('another proxy serves: handing over');
    else log.info({ withinMs }, 'nobody else came to serve');
  };
}
