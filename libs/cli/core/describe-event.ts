import {
  type CloudEvent,
  type DataOf,
  mostMissedCounted,
  type Subject,
  shortDigest,
  shortRelease,
  subjects,
} from '@kedge/shared/contracts';
import { counted, nameList } from '@kedge/shared/kernel';
import type { Tone } from '../terminal/style.ts';

/** Subjects that people can follow: commands that several identities may say are not among them. */
type Told = Exclude<
  Subject,
  | `secrets.${string}`
  | `doctor.${string}`
  | 'config.render'
  | 'config.validate'
  | 'watcher.check'
  | 'deploy.plan'
  | 'status.services'
  | 'logs.tail'
>;

/** The gist of each kind of event, in half a sentence. A new subject without a gist does not compile. */
const gists: { readonly [Name in Told]: (data: DataOf<Name>) => string } = {
  'config.changed': ({ added, changed, removed, commit }) =>
    `${listed('added', added)}${listed('changed', changed)}${listed('removed', removed)}`.replace(/; $/, '') +
      (commit === undefined ? '' : ` (commit ${commit.slice(0, 8)})`) || 'nothing that concerns a service',
  'config.rejected': ({ reason, problems, removes = [] }) =>
    reason === 'mass-removal'
      ? `would remove ${nameList(removes)}; "kedge apply" shows and confirms it`
      : `${reason}: ${problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('; ')}`,
  'node.requested': ({ action, reason }) => `everything ${action}${reason === undefined ? '' : `: ${reason}`}`,
  'image.updated': ({ reference, digest, previous }) =>
    `${reference} is now ${shortDigest(digest)}${previous === null ? '' : ` (was ${shortDigest(previous)})`}`,
  'image.rejected': ({ reference, digest, message }) => `${reference} ${shortDigest(digest)} is not taken: ${message}`,
  'registry.unreachable': ({ reference, message, retryAfterMs }) =>
    `${message.startsWith(`${reference} `) ? '' : `${reference}: `}${message}; next try in ${Math.ceil(retryAfterMs / 1_000)} s`,
  'registry.recovered': ({ registry, reference, since }) => `${registry} answers again (${reference}); it was away since ${since}`,
  'deploy.requested': ({ action = 'deploy', reason }) => `${action}${reason === undefined ? '' : `: ${reason}`}`,
  'deploy.started': ({ image, digest, cause, strategy, reason }) => `${image} ${shortDigest(digest)}: ${cause}, ${strategy} (${reason})`,
  'deploy.progressed': ({ step, message }) => (message === step ? step : `${step}: ${message}`),
  // It does not tell whether the release is one that serves, or one that ends.
  'deploy.succeeded': (data) => succeededGist('rolled out', data),
  'deploy.failed': ({ digest, reason, message, barred }) => `${shortDigest(digest)} ${reason}: ${message}${barred ? ' (barred)' : ''}`,
  'deploy.rolledback': ({ digest, to, message }) => `${shortDigest(digest)} left, back to release ${shortRelease(to)}: ${message}`,
  'deploy.superseded': ({ digest, reason }) => `${shortDigest(digest)} makes way: ${reason}`,
  'gate.requested': ({ gate, question, deadline }) => `${gate}: ${question} (until ${deadline})`,
  'gate.answered': ({ gate, answer, reason }) => `${gate}: ${answer}${reason === undefined ? '' : ` (${reason})`}`,
  'release.barred': ({ digest, reason, message }) => `${shortDigest(digest)} ${reason}: ${message}`,
  'release.cleared': ({ releases, reason }) => `${releases.map(shortRelease).join(', ') || 'nothing was barred'}: ${reason}`,
  'container.died': ({ container, exitCode }) => `${container} ended${exitCode === null ? '' : ` with exit code ${exitCode}`}`,
  'container.drifted': ({ container, reason }) => `${container}: ${reason}`,
  'network.drifted': ({ network, action, reason }) => `${network}: ${reason} (${action})`,
  'service.removed': ({ containers, durationMs, reason }) =>
    `${counted(containers, 'container')} gone after ${(durationMs / 1_000).toFixed(1)} s: ${reason}`,
  'routes.changed': ({ ready, draining }) => `${ready} ready, ${draining} draining`,
  'routes.applied': ({ instance, service, revision }) => `${instance} routes ${service} at ${revision}`,
  'handover.requested': ({ instance }) => `${instance} was asked to end`,
  'target.drained': ({ instance, service, target }) => `${instance} has no open request on ${target.slice(0, 12)} of ${service}`,
  'target.unhealthy': ({ instance, service, target, reason }) => `${instance} cannot use ${target.slice(0, 12)} of ${service}: ${reason}`,
  'traffic.sampled': ({ instance, service, windowMs, targets }) => {
    const requests = Object.values(targets).reduce((sum, target) => sum + target.requests, 0);
    return `${instance} passed ${counted(requests, 'request')} to ${service} in ${(windowMs / 1_000).toFixed(0)} s`;
  },
  'certificate.issued': ({ host, notAfter }) => `${host} until ${notAfter}`,
  'certificate.renewed': ({ host, notAfter }) => `${host} until ${notAfter}`,
  'certificate.failed': ({ host, message }) => `${host}: ${message}`,
  'job.due': ({ instant, missed }) => `the run of ${instant}${missedWords(missed)}`,
  'job.started': ({ instant, container }) => `the run of ${instant} in ${container.slice(0, 12)}`,
  'job.finished': ({ instant, exitCode, durationMs }) =>
    `the run of ${instant} ended with exit code ${exitCode} after ${(durationMs / 1_000).toFixed(1)} s`,
  // One that is late tells the number in its message.
  'job.skipped': ({ instant, reason, message, missed }) =>
    `the run of ${instant}${reason === 'late' ? '' : missedWords(missed)}: ${message}`,
  'secret.rotated': ({ ref, services }) => `${ref}, used by ${nameList(services)}`,
};

/** What `deploy.succeeded` tells, with the word for what became of the release. */
export function succeededGist(word: string, { digest, durationMs, drained, openRequests }: DataOf<'deploy.succeeded'>): string {
  const proof = drained ? '' : `; the old one left without proof from every proxy (${counted(openRequests, 'request')} open)`;
  return `${word} ${shortDigest(digest)} after ${(durationMs / 1_000).toFixed(1)} s${proof}`;
}

/** The subject that an event was said on. */
export function subjectOf({ type }: Pick<CloudEvent, 'type'>): string {
  return type.replace(/\.v\d+$/, '');
}

/** Whether what is said on it is kept: events that are said too often are not. */
export function isStored(subject: Subject): boolean {
  const contract = subjects[subject];
  return contract.kind !== 'event' || contract.stored;
}

const badWords = /rejected|unreachable|failed|rolledback|barred|died|unhealthy/;
const goodWords = /succeeded|recovered|finished|issued|renewed/;

/** Whether it is good or bad that it was said. */
export function toneOf(subject: string): Tone {
  if (badWords.test(subject)) return 'bad';
  return goodWords.test(subject) ? 'good' : 'busy';
}

/** What an event tells, in half a sentence; empty for a subject that has none. Its data was checked against the catalogue when it arrived. */
export function gistOf(event: CloudEvent): string {
  const subject = subjectOf(event);
  return isTold(subject) ? tell(subject, event.data) : '';
}

/** Lines that belong beneath the gist: the end of what the container of a failed deploy said. */
export function linesBeneath(event: CloudEvent): readonly string[] {
  return subjectOf(event) === 'deploy.failed' ? (event.data as DataOf<'deploy.failed'>).lastLines.slice(-mostLinesBeneath) : [];
}

/** People want to see why, not to read a log. */
const mostLinesBeneath = 5;

function tell<Name extends Told>(subject: Name, data: unknown): string {
  const gist: (data: DataOf<Name>) => string = gists[subject];
  return gist(data as DataOf<Name>);
}

function isTold(subject: string): subject is Told {
  return Object.hasOwn(gists, subject);
}

function missedWords(missed: number | undefined): string {
  return missed === undefined ? '' : `, ${missed}${missed < mostMissedCounted ? '' : ' or more'} missed`;
}

function listed(label: string, services: readonly string[]): string {
  return services.length === 0 ? '' : `${label} ${nameList(services)}; `;
}
