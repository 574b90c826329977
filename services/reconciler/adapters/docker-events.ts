import { type BackOffTable, backOffMs, type Closable, errorMessage, wait } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { ContainerEngine } from '../ports.ts';
import type { DockerApi } from './docker-api.ts';
import { readEngineEvent } from './engine-event.ts';
import { jsonLines } from './json-lines.ts';

type Listener = Parameters<ContainerEngine['follow']>[0];

const reconnectTable: BackOffTable = [250, 500, 1_000, 2_000, 5_000];

/** Follows the events of containers for ever; after each interruption the listener is told to look at everything afresh. */
export function followEvents(api: DockerApi, { listener, log }: { readonly listener: Listener; readonly log: Logger }): Closable {
  const closing = new AbortController();
  const call = { what: 'follow events', method: 'GET', path: '/events', query: { filters: { type: ['container'] } } } as const;
  let failures = 0;

  async function followOnce(): Promise<void> {
    const answer = await api.open(call, closing.signal);
    failures = 0;
    // The engine keeps events from here on, so nothing falls between this look and the first event.
    tell(() => listener.onResync());
    for await (const message of jsonLines(answer)) {
      const event = readEngineEvent(message);
      if (event) tell(() => listener.onEvent(event));
    }
  }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      const reason = await followOnce().then(
        () => 'the engine ended the stream',
        (thrown: unknown) => errorMessage(thrown),
      );
      if (closing.signal.aborted) return;
      failures += 1;
      log.warn({ reason, failures }, 'engine events interrupted');
      await wait(backOffMs({ table: reconnectTable, failures, random: Math.random() }), closing.signal);
    }
  }

  /** A listener that fails does not end the stream: the next full pass sees what it missed. */
  function tell(what: () => void): void {
    try {
      what();
    } catch (thrown) {
      log.error({ err: thrown }, 'engine event not handled');
    }
  }

  const ended = loop();
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}
