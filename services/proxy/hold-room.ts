import type { Routes } from './routes.ts';

/** Somebody who waits for a service, or for one of its targets, to come back. */
export interface Guest {
  /** Called when the routes changed: look again. The guest has left the room by then. */
  readonly onChange: () => void;
  readonly onExpired: () => void;
}

/** A room apart, for so many guests who take nobody else's place. */
export interface Corner {
  readonly name: string;
  readonly limit: number;
}

/** Where requests wait while nobody can take them. */
export interface HoldRoom {
  /** Returns a function with which the guest leaves early; null when the room, or this corner of it, is full. */
  enter(waitMs: number, guest: Guest, corner?: Corner): (() => void) | null;
}

interface Place {
  readonly timer: NodeJS.Timeout;
  /** Null: the room that all share. */
  readonly corner: string | null;
}

/** For `limit` guests at the same time beside those in corners; all are woken by every change of the routes in the order in which they came. */
export function createHoldRoom(routes: Routes, limit: number): HoldRoom {
  const places = new Map<Guest, Place>();
  const counts = new Map<string | null, number>();

  function leave(guest: Guest): void {
    const place = places.get(guest);
    if (!place) return;
    clearTimeout(place.timer);
    places.delete(guest);
    const left = (counts.get(place.corner) ?? 1) - 1;
    if (left > 0) counts.set(place.corner, left);
    else counts.delete(place.corner);
  }

  routes.onReplaced(() => {
    for (const guest of [...places.keys()]) {
      if (!places.has(guest)) continue;
      leave(guest);
      guest.onChange();
    }
  });

  return {
    enter(waitMs, guest, corner) {
      const name = corner?.name ?? null;
      const count = counts.get(name) ?? 0;
      if (count >= (corner?.limit ?? limit)) return null;
      const expire = () => {
        leave(guest);
        guest.onExpired();
      };
      places.set(guest, { timer: setTimeout(expire, waitMs), corner: name });
      counts.set(name, count + 1);
      return () => leave(guest);
    },
  };
}
