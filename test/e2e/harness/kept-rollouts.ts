import type { Bus } from '@kedge/shared/bus';
import { type CloudEvent, ImageUpdated } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { Recording } from './follow.ts';

const ends = ['deploy.succeeded', 'deploy.failed', 'deploy.rolledback', 'deploy.superseded'] as const;

/** What the stream holds about one service. */
export interface KeptRollouts {
  /** In their order: the types of the events by which each rollout ended. */
  readonly endsOfEach: readonly (readonly string[])[];
  /** How often a new image was announced. */
  readonly images: number;
}

interface Question {
  readonly bus: Pick<Bus, 'recent'>;
  /** What was heard so far. */
  readonly events: Pick<Recording, 'of'>;
  readonly service: string;
  readonly since: Date;
}

/**
 * Read from the stream and not from what was heard: whoever subscribes also hears what the stream takes for a repetition and throws away.
 * Waits until the last end that was heard is stored.
 */
export async function readKeptRollouts({ bus, events, service, since }: Question): Promise<KeptRollouts> {
  const last = events.of('deploy.succeeded', service).at(-1);
  const kept = await waitUntil(
    async () => {
      const all = await bus.recent({ since, subjects: ['image.updated', 'deploy.started', ...ends] });
      return all.some(({ type, correlationid }) => type === last?.type && correlationid === last.correlationid) && all;
    },
    { what: 'the last end that was heard is in the stream' },
  );
  const started = kept.filter(({ type, subject }) => type === 'deploy.started.v1' && subject === service);
  const isEnd = ({ type }: CloudEvent) => ends.some((end) => type === `${end}.v1`);
  return {
    endsOfEach: started.map(({ correlationid }) =>
      kept.filter((event) => isEnd(event) && event.correlationid === correlationid).map(({ type }) => type),
    ),
    images: kept.filter(
      ({ type, data }) => type === 'image.updated.v1' && ImageUpdated.parse(data).services.some((each) => each === service),
    ).length,
  };
}
