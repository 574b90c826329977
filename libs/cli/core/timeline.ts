import type { CloudEvent } from '@kedge/shared/contracts';

/** Events of the past and of the present, in one row. */
export interface Timeline {
  /** Takes an event as it happens. */
  hear(event: CloudEvent): void;
  /** Takes what was stored before; from now on what is heard is shown at once. */
  begin(stored: readonly CloudEvent[]): void;
}

/**
 * Shows the past, then the present, and no event of the past twice. Whoever listens before reading the past hears some of it as well:
 * what is heard until `begin` waits for its turn.
 */
export function createTimeline(show: (event: CloudEvent) => void): Timeline {
  const past = new Set<string>();
  let waiting: CloudEvent[] | null = [];

  function hear(event: CloudEvent): void {
    if (waiting) waiting.push(event);
    else if (!past.has(event.id)) show(event);
  }

  return {
    hear,
    begin(stored) {
      for (const event of stored) {
        if (past.has(event.id)) continue;
        past.add(event.id);
        show(event);
      }
      const heard = waiting ?? [];
      waiting = null;
      for (const event of heard) hear(event);
    },
  };
}
