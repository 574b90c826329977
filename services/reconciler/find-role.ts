import type { Bus } from '@kedge/shared/bus';
import { LeaseEntry } from '@kedge/shared/contracts';
import { engineLeaseOf, nodeTakenMessage } from './claim-node.ts';
import type { Role } from './core/examination.ts';
import type { Takeover } from './take-over.ts';

interface RolePorts {
  readonly bus: Pick<Bus, 'bucket' | 'node' | 'instance' | 'writeTrouble'>;
  /** True while this instance acts. */
  readonly mayAct: () => boolean;
  readonly takeover: Pick<Takeover, 'trouble'>;
  /** Null while the engine was not met yet. */
  readonly engineId: () => string | null;
  /** True when another engine has the name of the node. */
  readonly isNodeTaken: () => boolean;
}

/** Makes the answer to who acts on the engine, read afresh where it is not this instance. */
export function createFindRole({ bus, mayAct, takeover, engineId, isNodeTaken }: RolePorts): () => Promise<Role> {
  const leases = bus.bucket('leases', LeaseEntry);

  return async () => {
    if (mayAct()) return { kind: 'acts' };
    const id = engineId();
    if (id === null) return { kind: 'takes-over', problem: 'the engine has not answered yet' };
    if (isNodeTaken()) return { kind: 'node-taken', message: nodeTakenMessage(bus.node) };
    const trouble = bus.writeTrouble();
    if (trouble) return { kind: 'bus-full', problem: trouble.message };
    const lease = await leases.get(`reconciler.${bus.node}.${engineLeaseOf(id)}`);
    const holder = lease?.value.holder ?? null;
    return holder === bus.instance ? { kind: 'takes-over', problem: takeover.trouble() } : { kind: 'stands-by', holder };
  };
}
