import { DurationHistogram } from './duration-histogram.ts';

/** How a request ended, from the client's side; `aborted` when the client or the connection went away first. */
export type Ending = number | 'aborted';

/** Classes of endings, in the order of `Tally.endings`. */
export const endingClasses = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What was counted since it was made. */
export class Tally {
  /** Requests and connections that are under way. */
  open = 0;
  /** Of those that ended, by class. */
  readonly endings: number[] = new Array<number>(endingClasses.length).fill(0);
  readonly durations = new DurationHistogram();

  end(ending: Ending, seconds: number): void {
    // What is no class is a failure of the server (RFC 9110 §15).
    const index = ending === 'aborted' ? 0 : Math.min(Math.floor(ending / 100), endingClasses.length - 1);
    this.endings[index] = (this.endings[index] ?? 0) + 1;
    this.durations.observe(seconds);
  }
}

/** Of a service, or of what no service answers. */
export class ServiceTally extends Tally {
  receivedBytes = 0;
  sentBytes = 0;
  retries = 0;
}

/** Of a target, for one service. */
export class TargetTally extends Tally {
  connectFailures = 0;
  ejections = 0;
}
