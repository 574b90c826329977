import type { Bus } from '@kedge/shared/bus';
import type { NodeRecord } from '@kedge/shared/contracts';
import { retiredForMs } from './core/allocate-address.ts';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

/** An address, and when it left service. */
export type RetiredAddress = NonNullable<NodeRecord['retired']>[number];

/** Addresses that left service rest for a while: somebody may still send there. They are kept with the node, whoever acts next. */
export interface AddressRest {
  /** Before the container that has it is removed. */
  retire(address: string): Promise<void>;
  resting(): Promise<readonly RetiredAddress[]>;
}

/** How often somebody else may write the record of the node in between. */
const mostAttempts = 4;

/** Rejects with WORLD_MOVED when others wrote the record of the node all the time. */
export function createAddressRest(ports: {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'nodes'>;
  readonly clock: Pick<Clock, 'now'>;
}): AddressRest {
  const { bus, stores, clock } = ports;
  const isResting = ({ at }: RetiredAddress) => clock.now().getTime() - Date.parse(at) < retiredForMs;

  return {
    async retire(address) {
      for (let attempts = 0; attempts < mostAttempts; attempts += 1) {
        const entry = await stores.nodes.get(bus.node);
        const others = (entry?.value.retired ?? []).filter((each) => each.address !== address && isResting(each));
        const retired = [...others, { address, at: clock.now().toISOString() }];
        const value: NodeRecord = { node: bus.node, ...entry?.value, retired };
        const written = entry ? await stores.nodes.update(bus.node, value, entry.revision) : await stores.nodes.create(bus.node, value);
        if (written !== null) return;
      }
      throw worldMoved(bus.node);
    },
    resting: async () => ((await stores.nodes.get(bus.node))?.value.retired ?? []).filter(isResting),
  };
}
