import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, serviceKey } from '@kedge/shared/contracts';
import { stuckWords } from './core/exchange.ts';
import type { PendingHandOver } from './core/hand-over.ts';
import {
  earlierVerdict,
  firstUnprepared,
  holdsUp,
  type Judged,
  type Readiness,
  readinessOf,
  type Successor,
  successorsOf,
  successorWords,
  verdictWords,
} from './core/successors.ts';
import type { MoveFinder, Situation } from './find-moves.ts';
import { imageName } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface SuccessorPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'bars' | 'releases'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'image'>;
  readonly moves: Pick<MoveFinder, 'situation'>;
}

type Leaving = Pick<World, 'service' | 'manifest' | 'record' | 'endpoints' | 'containers'>;

interface Looked {
  readonly readiness: Readiness;
  readonly holder: string | null;
}

interface Sight extends Situation {
  /** Of services that are declared no more. */
  readonly judged: readonly Judged[];
}

/** Who can only start when a service is gone that is declared no more. */
export interface SuccessorFinder {
  /** In sentences, for whoever reads a plan. */
  words(leaving: Leaving): Promise<readonly string[]>;
  /** The first that is not there yet but for what it takes over, in this situation of `leaving`; null when nobody has to be waited for. */
  unprepared(leaving: Leaving, situation: Situation): Promise<PendingHandOver | null>;
  /** How far one that is declared is. */
  readiness(service: string, situation: Situation): Promise<Readiness>;
}

/** Asks store and engine each time afresh. */
export function createSuccessorFinder({ bus, stores, engine, moves }: SuccessorPorts): SuccessorFinder {
  async function look(leaving: Leaving, situation: Situation): Promise<{ readonly found: readonly Successor[] } & Sight> {
    const { service, record, endpoints, containers } = leaving;
    const published = await engine.published();
    const judged = await judgedBefore(situation);
    const ports = published.filter(({ container }) => containers.some(({ id }) => id === container));
    const bequest = { service, record: record?.value ?? null, endpoints: endpoints?.value ?? null, ports };
    return { found: successorsOf(bequest, situation), ...situation, judged };
  }

  async function judgedBefore({ writing }: Situation): Promise<readonly Judged[]> {
    const [bars, records] = await Promise.all([stores.bars.readAll(bus.node), stores.releases.readAll(bus.node)]);
    const left = [...bars.values()].map(({ value }) => value).filter(({ service }) => !writing.declared.has(service));
    const servedBy = (service: ServiceName) => records.get(serviceKey(bus.node, service))?.value.serving?.digest ?? null;
    return left.map((each) => ({ service: each.service, bars: each.bars, digest: servedBy(each.service) }));
  }

  async function comingOf(service: string, { writing, containers, judged }: Sight) {
    const { spec = null, record = null } = writing.declared.get(service) ?? {};
    const next = record?.rollout ?? (record?.comingUp ? record.serving : null);
    const hasImage = next != null && (await engine.image(imageName(next))) !== null;
    const isMade = next != null && containers.some(({ kedge }) => kedge?.service === service && kedge.release === next.release);
    const isJudged = earlierVerdict({ spec, record }, judged) !== null;
    return { spec, record, hasImage, isMade, isJudged };
  }

  /** The first whom a service waits for, too, and that is not about to start; null where there is none. */
  async function heldUpBy(service: string, situation: Sight): Promise<string | null> {
    const others = [...situation.missedBy(service)].filter((other) => other !== service && situation.writing.declared.has(other));
    const looked = others.map(async (other) => (holdsUp(await comingOf(other, situation)) ? [other] : []));
    return (await Promise.all(looked)).flat()[0] ?? null;
  }

  async function lookAt(service: string, sight: Sight): Promise<Looked> {
    const [coming, holder] = await Promise.all([comingOf(service, sight), heldUpBy(service, sight)]);
    return { readiness: readinessOf({ ...coming, isHeldUp: holder !== null }), holder };
  }

  return {
    async readiness(service, situation) {
      return (await lookAt(service, { ...situation, judged: await judgedBefore(situation) })).readiness;
    },
    async words(leaving) {
      return (await look(leaving, await moves.situation(leaving))).found.map(successorWords);
    },
    async unprepared(leaving, known) {
      const { found, ...situation } = await look(leaving, known);
      const { writing } = situation;
      const beingWritten = [...writing.declared].find(([, { spec }]) => spec === null)?.[0];
      if (beingWritten !== undefined)
        return { to: beingWritten as ServiceName, reason: `what is declared of ${beingWritten} is being written`, isUnsaid: true };
      const sights = new Map(await Promise.all(found.map(async ({ service }) => [service, await lookAt(service, situation)] as const)));
      const first = firstUnprepared(found, (service) => sights.get(service)?.readiness ?? 'coming');
      if (!first) return null;
      const holder = sights.get(first.service)?.holder ?? first.service;
      const { spec = null, record = null } = writing.declared.get(holder) ?? {};
      const verdict = earlierVerdict({ spec, record }, situation.judged);
      const others = holder === first.service ? null : `it waits for ${holder}`;
      const why = (verdict && verdictWords(holder, verdict)) ?? stuckWords(holder, record) ?? others;
      const when = `${first.service} takes over ${first.needed.join(', ')} when it is about to start`;
      return { to: first.service as ServiceName, reason: why === null ? when : `${when}; ${why}`, isUnsaid: true };
    },
  };
}
