import type { RouteTable } from './core/route-table.ts';

/** The table that routes requests now. It is replaced as a whole, between two requests. */
export interface Routes {
  /** Null until endpoints were read from the bus or from disk. */
  current(): RouteTable | null;
  replace(next: RouteTable): void;
  /** Called after each replacement, until what it returns is called. */
  onReplaced(listener: (table: RouteTable) => void): () => void;
}

/** Listeners are called in the order in which they came. */
export function createRoutes(): Routes {
  let table: RouteTable | null = null;
  const listeners = new Set<(table: RouteTable) => void>();
  return {
    current: () => table,
    replace(next) {
      table = next;
      for (const listener of listeners) listener(next);
    },
    onReplaced(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
