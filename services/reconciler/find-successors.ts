import type { ServiceName } from '@kedge/shared/contracts';
import { stuckWords } from './core/exchange.ts';
import type { PendingHandOver } from './core/hand-over.ts';
import type { Writing } from './core/still-written.ts';
import { firstUnprepared, isPrepared, type Successor, successorsOf, successorWords } from './core/successors.ts';
import type { MoveFinder } from './find-moves.ts';
import { imageName } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface SuccessorPorts {
  readonly engine: Pick<ContainerEngine, 'published' | 'image'>;
  readonly moves: Pick<MoveFinder, 'situation'>;
}

type Leaving = Pick<World, 'service' | 'manifest' | 'record' | 'endpoints' | 'containers'>;

/** Who can only start when a service is gone that is declared no more. */
export interface SuccessorFinder {
  /** In sentences, for whoever reads a plan. */
  words(leaving: Leaving): Promise<readonly string[]>;
  /** The first that is not there yet but for what it takes over; null when nobody has to be waited for. */
  unprepared(leaving: Leaving): Promise<PendingHandOver | null>;
}

/** Asks store and engine each time afresh. */
export function createSuccessorFinder({ engine, moves }: SuccessorPorts): SuccessorFinder {
  async function look(leaving: Leaving): Promise<{ readonly found: readonly Successor[]; readonly writing: Writing }> {
    const { service, record, endpoints, containers } = leaving;
    const [published, situation] = await Promise.all([engine.published(), moves.situation(leaving)]);
    const ports = published.filter(({ container }) => containers.some(({ id }) => id === container));
    const bequest = { service, record: record?.value ?? null, endpoints: endpoints?.value ?? null, ports };
    return { found: successorsOf(bequest, situation), writing: situation.writing };
  }

  return {
    async words(leaving) {
      return (await look(leaving)).found.map(successorWords);
    },
    async unprepared(leaving) {
      const { found, writing } = await look(leaving);
      const beingWritten = [...writing.declared].find(([, { spec }]) => spec === null)?.[0];
      if (beingWritten !== undefined)
        return { to: beingWritten as ServiceName, reason: `what is declared of ${beingWritten} is being written`, isUnsaid: true };
      const coming = found.map(async ({ service }) => {
        const { spec = null, record = null } = writing.declared.get(service) ?? {};
        const hasImage = record?.rollout != null && (await engine.image(imageName(record.rollout))) !== null;
        return isPrepared({ spec, record, hasImage }) ? [service] : [];
      });
      const prepared = (await Promise.all(coming)).flat();
      const first = firstUnprepared(found, (service) => prepared.includes(service));
      if (!first) return null;
      const why = stuckWords(first.service, writing.declared.get(first.service)?.record ?? null);
      const when = `${first.service} takes over ${first.needed.join(', ')} when it is about to start`;
      return { to: first.service as ServiceName, reason: why === null ? when : `${when}; ${why}`, isUnsaid: true };
    },
  };
}
