import { whoGivesWay } from './core/who-gives-way.ts';
import type { Routes } from './routes.ts';

/** Somebody who waits for a service, or for one of its targets, to come back. */
export interface Guest {
  /** As `clientKey` has it. */
  readonly client: string;
  /** When it came, by `performance.now()`: who leaves the room for a look and comes back has its turn by that. */
  readonly since: number;
  /** Called when something changed that it may wait for: look again. The guest has left the room by then. */
  readonly onChange: () => void;
  readonly onExpired: () => void;
  /** Its place goes to somebody else. */
  readonly onPushedOut: () => void;
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
  /** Lets all guests look again. */
  wake(): void;
}

interface Place {
  readonly timer: NodeJS.Timeout;
  readonly crowd: Crowd;
}

/** Who waits in the same corner. */
interface Crowd {
  count: number;
  readonly byClient: Map<string, Set<Guest>>;
}

/**
 * For `limit` guests at the same time beside those in corners; all are woken by every change of the routes in the order in which they came. Where it
 * is full, the client with the most guests gives a place, that of the last one who came, to one who has fewer; of the guests of one client those
 * stay who came first, also where one of them was away for a while.
 */
export function createHoldRoom(routes: Routes, limit: number): HoldRoom {
  const places = new Map<Guest, Place>();
  /** Null: the room that all share. */
  const crowds = new Map<string | null, Crowd>();

  function leave(guest: Guest): void {
    const place = places.get(guest);
    if (!place) return;
    clearTimeout(place.timer);
    places.delete(guest);
    const { crowd } = place;
    crowd.count -= 1;
    const own = crowd.byClient.get(guest.client);
    own?.delete(guest);
    if (own?.size === 0) crowd.byClient.delete(guest.client);
  }

  function crowdOf(name: string | null): Crowd {
    const crowd = crowds.get(name) ?? { count: 0, byClient: new Map<string, Set<Guest>>() };
    // Corners come and go with services; nobody is in the others.
    for (const [each, { count }] of crowds) if (count === 0) crowds.delete(each);
    crowds.set(name, crowd);
    return crowd;
  }

  /** False: this client has as many guests as any other, and this is the last one who came. */
  function makeRoom({ byClient }: Crowd, guest: Guest): boolean {
    const own = byClient.get(guest.client);
    const [, guests = own] = whoGivesWay(byClient, own?.size ?? 0) ?? [];
    const last = guests && inOrder(guests).at(-1);
    // While it was away, a later one of its own client may have come.
    if (!last || (guests === own && last.since <= guest.since)) return false;
    leave(last);
    last.onPushedOut();
    return true;
  }

  function wake(): void {
    for (const guest of inOrder(places.keys())) {
      if (!places.has(guest)) continue;
      leave(guest);
      guest.onChange();
    }
  }

  routes.onReplaced(wake);

  return {
    enter(waitMs, guest, corner) {
      const crowd = crowdOf(corner?.name ?? null);
      if (crowd.count >= (corner?.limit ?? limit) && !makeRoom(crowd, guest)) return null;
      const expire = () => {
        leave(guest);
        guest.onExpired();
      };
      places.set(guest, { timer: setTimeout(expire, waitMs), crowd });
      crowd.count += 1;
      const own = crowd.byClient.get(guest.client) ?? new Set();
      crowd.byClient.set(guest.client, own.add(guest));
      return () => leave(guest);
    },
    wake,
  };
}

function inOrder(guests: Iterable<Guest>): Guest[] {
  return [...guests].toSorted((left, right) => left.since - right.since);
}
