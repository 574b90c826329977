import { type ServiceStatus, shortDigest } from '@kedge/shared/contracts';
import { nextRunTime, nextTry, relativeTime } from '../terminal/relative-time.ts';
import { obstacleWords } from './obstacle-words.ts';

/** One line about a service: what it is about, and what there is to say. */
export interface Detail {
  readonly label: string;
  readonly text: string;
}

/** All that the table has no room for: what was declared and runs, what stands in the way, and which verdicts there are. */
export function detailsOf(status: ServiceStatus, now: Date): Detail[] {
  const { image, digest, source, release, nextRun, registry, waiting, barred, routes, ports = [] } = status;
  return [
    { label: 'image', text: image },
    ...(digest === null ? [] : [{ label: 'digest', text: `${digest}${source === 'local' ? " (the engine's own image)" : ''}` }]),
    ...(release === null ? [] : [{ label: 'release', text: release }]),
    ...routes.map((route) => ({ label: 'route', text: route })),
    ...ports.map((port) => ({ label: 'port', text: port })),
    ...(nextRun === undefined ? [] : [{ label: 'next run', text: `${nextRunTime(nextRun, now)} (${nextRun})` }]),
    ...(waiting ? [{ label: 'waiting', text: waitingText(waiting, now) }] : []),
    ...(registry ? [{ label: 'registry', text: registryText(registry, now) }] : []),
    ...barred.filter(({ wanted }) => wanted !== false).map((bar) => ({ label: 'barred', text: barText(bar) })),
    ...barred
      .filter(({ wanted }) => wanted === false)
      .map((bar) => ({ label: 'history', text: `${barText(bar)}; barred, but something else is wanted by now` })),
  ];
}

function waitingText({ message, code, since, retryAt, failures }: NonNullable<ServiceStatus['waiting']>, now: Date): string {
  const times = failures === 1 ? 'tried once' : `tried ${failures} times`;
  const next = nextTry(retryAt, now);
  const at = Date.parse(retryAt) > now.getTime() ? ` (${retryAt})` : '';
  return `${obstacleWords({ code, message })}; since ${relativeTime(since, now)}, ${times}${next === null ? '' : `, ${next}${at}`}`;
}

function registryText({ state, code, message, since }: NonNullable<ServiceStatus['registry']>, now: Date): string {
  return `${state}${since === undefined ? '' : ` since ${relativeTime(since, now)}`}: ${message} (${code})`;
}

function barText({ digest, message }: ServiceStatus['barred'][number]): string {
  return `${shortDigest(digest)}: ${message}`;
}
