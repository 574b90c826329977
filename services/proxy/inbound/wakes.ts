import type { Bus } from '@kedge/shared/bus';
import type { Closable } from '@kedge/shared/kernel';

interface Sleepers {
  readonly follower: { wake(): void };
  readonly reporter: { wake(): void };
}

/** What makes the proxy look before its time: changed routes, another one that looks for a successor, and the bus after it was away. */
export function listenToWakes(bus: Pick<Bus, 'node' | 'wake' | 'onReconnect'>, { follower, reporter }: Sleepers): void {
  bus.wake('routes.changed', (event) => {
    if (event.kedgenode === bus.node) follower.wake();
  });
  bus.wake('handover.requested', (event) => {
    if (event.kedgenode === bus.node) reporter.wake();
  });
  bus.onReconnect(() => {
    follower.wake();
    reporter.wake();
  });
}

/** SIGHUP makes a proxy look at its file now, as it does others of its kind. */
export function wakeOnHangUp(follower: { wake(): void }): Closable {
  const wake = () => follower.wake();
  process.on('SIGHUP', wake);
  return { close: async () => await Promise.resolve(void process.off('SIGHUP', wake)) };
}
