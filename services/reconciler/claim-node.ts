import { createHash } from 'node:crypto';
import { type Bus, keepLease, type Lease } from '@kedge/shared/bus';
import { LeaseEntry, nodeClaimKey } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';

interface ClaimPorts {
  readonly bus: Bus;
  readonly engineId: string;
  readonly onTaken: () => void;
  /** It could not be renewed: perhaps only because the bus is away. */
  readonly onLost: () => void;
  /** Another engine has the name by now. */
  readonly onTakenByOther: () => void;
  /** In milliseconds; default: as every lease. */
  readonly renewEveryMs?: number;
}

/**
 * Claims the node's name for an engine, together with everybody else who acts on that engine: two engines under one name would take turns
 * to remove what the other made. A claim that is not renewed is over after 15 s.
 * @throws {TerminalError} NODE_TAKEN when another engine has the name
 */
export async function claimNode({ bus, engineId, onTaken, onLost, onTakenByOther, renewEveryMs }: ClaimPorts): Promise<Lease> {
  const holder = `engine-${hashOf(engineId)}`;
  const claim = await bus.bucket('leases', LeaseEntry).get(nodeClaimKey(bus.node));
  if (claim && claim.value.holder !== holder) throw new TerminalError('NODE_TAKEN', nodeTakenMessage(bus.node));
  return keepLease(bus, {
    what: 'node',
    holder,
    onTaken,
    onLost,
    onHeldByOther: onTakenByOther,
    ...(renewEveryMs === undefined ? {} : { renewEveryMs }),
  });
}

/** What people are told who gave two machines one name, and what to do. */
export function nodeTakenMessage(node: string): string {
  return (
    `another engine acts under the node name ${node}: give each machine a KEDGE_NODE of its own; ` +
    'if that engine is gone for good, its claim is over within 15 s'
  );
}

/** The key of the lease of those who act on one engine. */
export function engineLeaseOf(engineId: string): string {
  return `engine-${hashOf(engineId)}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
