import type { Routes } from './routes.ts';

/** Somebody who waits for a service, or for one of its targets, to come back. */
export interface Guest {
  /** Called when the routes changed: look again. The guest has left the room by then. */
  readonly onChange: () => void;
  readonly onExpired: () => void;
}

/** Where requests wait while nobody can take them. */
export interface HoldRoom {
  /** Returns a function with which the guest leaves early; null when the room is full. */
  enter(waitMs: number, guest: Guest): (() => void) | null;
}

/** For `limit` guests at the same time, who are woken by every change of the routes in the order in which they came. */
export function createHoldRoom(routes: Routes, limit: number): HoldRoom {
  const timers = new Map<Guest, NodeJS.Timeout>();

  function leave(guest: Guest): void {
    clearTimeout(timers.get(guest));
    timers.delete(guest);
  }

  routes.onReplaced(() => {
    for (const guest of [...timers.keys()]) {
      if (!timers.has(guest)) continue;
      leave(guest);
      guest.onChange();
    }
  });

  return {
    enter(waitMs, guest) {
      if (timers.size >= limit) return null;
      const expire = () => {
        leave(guest);
        guest.onExpired();
      };
      timers.set(guest, setTimeout(expire, waitMs));
      return () => leave(guest);
    },
  };
}
