import { type Bus, type Handled, sayOwed, writeThenSay } from '@kedge/shared/bus';
import type { CloudEvent, NodeRecord, NodeRequested } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

interface NodeStatePorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'nodes'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/** What people decided about the node as a whole: everything is down, or up. */
export interface NodeState {
  /** Since when everything is down, at whose request; null while it is up. */
  down(): Promise<NonNullable<NodeRecord['down']> | null>;
  /** Stores the effect of `node.requested`; a repeated delivery changes nothing. */
  honour(request: NodeRequested, event: Pick<CloudEvent, 'id' | 'actor' | 'time'>): Promise<Handled>;
}

/** More than are on their way at the same time. */
const rememberedIds = 16;

/** Reads afresh each time; rejects with WORLD_MOVED when somebody else wrote first. */
export function createNodeState({ bus, stores, clock, log }: NodeStatePorts): NodeState {
  return {
    down: async () => (await stores.nodes.get(bus.node))?.value.down ?? null,
    async honour({ action, reason }, { id, actor }) {
      const stored = await stores.nodes.get(bus.node);
      const entry = stored && (await sayOwed({ bus, bucket: stores.nodes, entry: stored }));
      const { down, honouredIds = [], retired } = entry?.value ?? {};
      if (honouredIds.includes(id)) return { kind: 'done' };
      const since = down?.since ?? clock.now().toISOString();
      const decided =
        action === 'down'
          ? { down: { since, ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) } }
          : {};
      const kept = { ...(retired && { retired }), honouredIds: [...honouredIds, id].slice(-rememberedIds) };
      const value: NodeRecord = { node: bus.node, ...decided, ...kept };
      if (!(await writeThenSay({ bus, bucket: stores.nodes, key: bus.node, previous: entry, value }))) throw worldMoved(bus.node);
      log.info({ actor, reason }, action === 'down' ? 'everything is taken down' : 'everything may come up again');
      return { kind: 'done' };
    },
  };
}
