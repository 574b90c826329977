import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { publishedBy } from './core/desired-container.ts';
import { portConflict } from './core/port-conflict.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, HostPorts } from './ports.ts';

interface GuardPorts {
  readonly engine: Pick<ContainerEngine, 'published'>;
  readonly hostPorts: HostPorts;
}

/**
 * Asked before anything is stopped or made for containers that publish ports: an old release that serves is not given up for a new one
 * that could not start. It rejects with RetryableError PORT_TAKEN.
 */
export type PortGuard = (world: Pick<World, 'containers'>, spec: ServiceSpec) => Promise<void>;

export function createPortGuard({ engine, hostPorts }: GuardPorts): PortGuard {
  return async function assertPortsFree({ containers }, spec) {
    const wanted = publishedBy(spec);
    if (wanted.length === 0) return;
    const published = await engine.published();
    const states = await Promise.all(wanted.map((port) => hostPorts.check(port)));
    const conflict = portConflict({ wanted, published, own: new Set(containers.map(({ id }) => id)), states });
    if (conflict !== null) throw new RetryableError('PORT_TAKEN', conflict);
  };
}
