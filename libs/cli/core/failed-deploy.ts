import { type CloudEvent, type DataOf, type ServiceStatus, shortDigest } from '@kedge/shared/contracts';
import { barCure, barredWords, isOfConfiguration } from './bar-words.ts';
import { gistOf } from './describe-event.ts';

/** A deploy that did not come to what was asked for, with what to do about it where there is something. */
export interface FailedDeploy {
  readonly kind: 'failed';
  readonly line: string;
  /** Of the container that failed, oldest first. */
  readonly lastLines: readonly string[];
  readonly advice?: string;
}

/** Whose release was judged, and what is known of what it has instead. */
interface Judged {
  readonly service: string;
  readonly status: ServiceStatus | null;
}

/** As `deploy.failed` tells it. */
export function failure(event: CloudEvent, { service, status }: Judged): FailedDeploy {
  const data = event.data as DataOf<'deploy.failed'>;
  const told = { kind: 'failed', line: `${service} failed: ${gistOf(event)}`, lastLines: data.lastLines } as const;
  return data.barred ? { ...told, advice: clearAdvice(service, isOfConfiguration(data, status)) } : told;
}

/** As `deploy.rolledback` tells it. The status knows the release that is back by its image. */
export function rolledBack(event: CloudEvent, { service, status }: Judged): FailedDeploy {
  const data = event.data as DataOf<'deploy.rolledback'>;
  const ofConfiguration = isOfConfiguration(data, status);
  const back = status?.release === data.to && status.digest !== null ? shortDigest(status.digest) : null;
  const gist = ofConfiguration
    ? `its new configuration left, back to the one before (the image is the same, ${shortDigest(data.digest)}): ${data.message}`
    : back === null
      ? gistOf(event)
      : `${shortDigest(data.digest)} left, back to ${back}: ${data.message}`;
  return { kind: 'failed', line: `${service} was rolled back: ${gist}`, lastLines: [], advice: clearAdvice(service, ofConfiguration) };
}

/** As the status tells it, where no event did. */
export function barredFailure(status: ServiceStatus, bar: ServiceStatus['barred'][number]): FailedDeploy {
  const advice = clearAdvice(status.service, isOfConfiguration(bar, status));
  return { kind: 'failed', line: `${status.service}: ${barredWords(bar, status)}`, lastLines: [], advice };
}

function clearAdvice(service: string, ofConfiguration: boolean): string {
  return `It is not tried again by itself: ${barCure({ ofConfiguration, service })}.`;
}
