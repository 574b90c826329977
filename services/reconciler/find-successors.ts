import { successorWords } from './core/successors.ts';
import type { MoveFinder } from './find-moves.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface SuccessorPorts {
  readonly engine: Pick<ContainerEngine, 'published'>;
  readonly moves: Pick<MoveFinder, 'writing'>;
}

/** Who can only start when a service is gone that is declared no more, in sentences for whoever reads a plan. */
export type FindSuccessors = (leaving: World) => Promise<readonly string[]>;

/** Asks store and engine each time afresh. */
export function createSuccessorFinder({ engine, moves }: SuccessorPorts): FindSuccessors {
  return async function find(leaving) {
    const { service, record, endpoints, containers } = leaving;
    const [published, writing] = await Promise.all([engine.published(), moves.writing(leaving)]);
    const ports = published.filter(({ container }) => containers.some(({ id }) => id === container));
    return successorWords({ service, record: record?.value ?? null, endpoints: endpoints?.value ?? null, ports }, writing);
  };
}
