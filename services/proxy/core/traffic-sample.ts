import type { ServiceName, Target, TrafficSampled } from '@kedge/shared/contracts';
import { durationBounds } from './duration-histogram.ts';
import { endingClasses, type TargetTally } from './tally.ts';

/** What a target's tally said at one moment. */
export interface TallySeen {
  readonly endings: readonly number[];
  readonly counts: readonly number[];
  readonly connectFailures: number;
}

/** What happened to a target of a service between two looks. */
export interface TargetSample {
  readonly service: ServiceName;
  readonly target: Pick<Target, 'id' | 'release'>;
  readonly happened: TallySeen;
}

/** As it is now. */
export function seen({ endings, durations, connectFailures }: TargetTally): TallySeen {
  return { endings: [...endings], counts: [...durations.counts], connectFailures };
}

/** What happened since an earlier look; null for nothing. */
export function since(before: TallySeen | undefined, now: TallySeen): TallySeen | null {
  if (!before) return isNothing(now) ? null : now;
  const happened: TallySeen = {
    endings: now.endings.map((count, index) => count - (before.endings[index] ?? 0)),
    counts: now.counts.map((count, index) => count - (before.counts[index] ?? 0)),
    connectFailures: now.connectFailures - before.connectFailures,
  };
  return isNothing(happened) ? null : happened;
}

function isNothing({ endings, connectFailures }: TallySeen): boolean {
  return connectFailures === 0 && endings.every((count) => count === 0);
}

const boundsMs = durationBounds.map((bound) => bound * 1_000);
const at5xx = endingClasses.indexOf('5xx');

type Sampled = Pick<TrafficSampled, 'service' | 'targets' | 'releases'>;

/** One sample for each service that had requests. */
export function samplesOf(samples: readonly TargetSample[]): Sampled[] {
  return [...Map.groupBy(samples, ({ service }) => service)].map(([service, own]) => ({
    service,
    targets: Object.fromEntries(
      own.map(({ target, happened: { endings, connectFailures } }) => [
        target.id,
        { requests: sum(endings), status5xx: endings[at5xx] ?? 0, connectFailures },
      ]),
    ),
    releases: Object.fromEntries(
      [...Map.groupBy(own, ({ target }) => target.release)].map(([release, each]) => [
        release,
        ofRelease(each.map(({ happened }) => happened)),
      ]),
    ),
  }));
}

function ofRelease(happened: readonly TallySeen[]): NonNullable<Sampled['releases']>[string] {
  const endings = added(happened.map((each) => each.endings));
  return {
    requests: sum(endings),
    classes: Object.fromEntries(endingClasses.flatMap((name, index) => (endings[index] ? [[name, endings[index]]] : []))),
    connectFailures: sum(happened.map(({ connectFailures }) => connectFailures)),
    latency: { boundsMs, counts: added(happened.map(({ counts }) => counts)) },
  };
}

function added(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, index) => sum(rows.map((row) => row[index] ?? 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
