import type { AccessProblem, BucketTrial, OwnedBus } from '../bus/index.ts';
import type { Found } from '../contracts/index.ts';
import type { Examine } from './examination.ts';

/** Makes what `kedge doctor` is told of the buckets that a component reads and writes. */
export function createExamineAccess(bus: Pick<OwnedBus, 'tryBuckets'>): Examine {
  return async () => judgeAccess(await bus.tryBuckets());
}

/** One line when everything may be used, else one for each bucket that may not. */
export function judgeAccess(trials: readonly BucketTrial[]): readonly Found[] {
  const count = (wanted: BucketTrial['use']) => trials.filter(({ use }) => use === wanted).length;
  const bad = trials.flatMap(({ bucket, use, problem }): Found[] => {
    if (!problem) return [];
    return [
      { what: `bucket ${bucket}`, state: 'failed', message: `cannot be ${doneTo[use]}: ${problem.message}`, advice: adviceFor(problem) },
    ];
  });
  // One that is missing can neither be read nor written, and is told once.
  const told = [...new Map(bad.map((found) => [`${found.what} ${adviceOf(found)}`, found])).values()];
  if (told.length > 0) return told;
  return [{ what: 'buckets', state: 'fine', message: `may read ${count('read')} and write ${count('write')}, and all are there` }];
}

const doneTo: Readonly<Record<BucketTrial['use'], string>> = { read: 'read', write: 'written' };

function adviceOf(found: Found): string {
  return found.state === 'fine' ? '' : found.advice;
}

/** What to do about something on the bus that cannot be used. */
export function adviceFor({ kind }: AccessProblem): string {
  switch (kind) {
    case 'missing':
      return 'run "docker compose up -d", which makes what is missing; "docker compose logs provision" says what it made';
    case 'refused':
      return 'run "docker compose up -d", which writes the permissions anew, then "docker compose restart nats"';
    case 'silent':
      return 'look at "docker compose logs nats", and at the disk of the volume nats-data';
    default:
      return kind satisfies never;
  }
}
