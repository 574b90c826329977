import { type ServicePhase, type ServiceStatus, type StatusReply, shortDigest } from '@kedge/shared/contracts';
import { emptyLine } from './core/configuration-state.ts';
import { type Attention, attentionOf } from './core/status-problems.ts';
import { statusWithoutCopies } from './core/told-there.ts';
import { nextRunTime, nextTry, relativeTime } from './terminal/relative-time.ts';
import type { Tone } from './terminal/style.ts';
import { type Cell, oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * What runs, then what needs attention and what to do about it. Of several services a terminal shows the columns that it has room
 * for, and the beginning of each reason: what needs attention is told whole below the table.
 */
export function printStatus(terminal: Terminal, whole: StatusReply): void {
  const status = statusWithoutCopies(whole);
  const now = terminal.now();
  if (status.services.length === 0) terminal.print(emptyLine(status.config));
  else
    terminal.table(
      ['SERVICE', 'PHASE', 'IMAGE', 'DIGEST', 'REGISTRY', 'READY', 'SINCE', 'NEXT RUN', 'ROUTES', 'REASON'],
      status.services.map((each) => row(each, now)),
      status.services.length > 1 ? { fits: leastNeeded } : {},
    );

  const attention = attentionOf(status);
  if (attention.length === 0) return;
  terminal.print();
  terminal.print(terminal.paint('warning', 'Needs attention:'));
  for (const each of attention) for (const line of attentionLines(each, now)) terminal.print(oneLine(line));
}

/** What a narrow terminal has no room for, first what is looked up least: "kedge status <service>" tells all of it. */
const leastNeeded = ['ROUTES', 'IMAGE', 'NEXT RUN', 'DIGEST', 'SINCE', 'REGISTRY'] as const;

function attentionLines({ what, advice, since, retryAt }: Attention, now: Date): string[] {
  const next = retryAt === undefined ? null : nextTry(retryAt, now);
  const times = [...(since === undefined ? [] : [`since ${relativeTime(since, now)}`]), ...(next === null ? [] : [next])];
  return [`- ${what}${times.length === 0 ? '' : ` (${times.join(', ')})`}`, ...(advice === undefined ? [] : [`  ${advice}`])];
}

function row(status: ServiceStatus, now: Date): Cell[] {
  const { service, phase, image, digest, source, registry, replicas, since, nextRun, routes, reason } = status;
  return [
    { text: service, tone: 'strong' },
    { text: phase, tone: tones[phase] },
    image.replace(/@sha256:.*$/, ''),
    digest === null ? '-' : `${shortDigest(digest)}${source === 'local' ? ' (local)' : ''}`,
    registry ? { text: registry.state, tone: 'warning' } : '',
    { text: readyText(replicas), tone: replicas.ready < replicas.wanted ? 'warning' : 'plain' },
    since === null ? '-' : relativeTime(since, now),
    nextRun === undefined ? '' : nextRunTime(nextRun, now),
    routes.join(' '),
    reason,
  ];
}

/** No declared service wants no container: of one that is declared no more none is wanted, and there is nothing to compare with. */
function readyText({ ready, wanted }: ServiceStatus['replicas']): string {
  return `${ready}/${wanted === 0 ? '-' : wanted}`;
}

const tones: Readonly<Record<ServicePhase, Tone>> = {
  waiting: 'warning',
  rolling: 'busy',
  serving: 'good',
  completed: 'good',
  failed: 'bad',
  idle: 'dim',
  stopped: 'dim',
  removing: 'warning',
};
