import type { ServiceName, ServicePhase, ServiceStatus, StatusReply } from '@kedge/shared/contracts';
import { shortDigest } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { type Cli, findService, parseService, type Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { detailsOf } from '../core/service-details.ts';
import { type Attention, attentionOf } from '../core/status-problems.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { nextTry, relativeTime } from '../terminal/relative-time.ts';
import type { Tone } from '../terminal/style.ts';
import { type Cell, oneLine } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface StatusOptions {
  readonly service?: ServiceName | undefined;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly exitCode?: boolean;
}

const watchEveryMs = 2_000;

export const register: Register = (program, cli, run) => {
  program
    .command('status')
    .description('show what runs, and what needs attention')
    .argument('[service]', 'only this one', parseService)
    .option('--json', 'print the answer as JSON')
    .option('--watch', 'show it again whenever it changes, until Ctrl-C')
    .option('--exit-code', 'exit with 3 when something needs attention')
    .action(async (service: ServiceName | undefined, options: StatusOptions) => {
      await run(async (bus) => await showStatus(bus, cli, { ...options, service }));
    });
};

/** Shows the status once, or again and again. */
async function showStatus(
  bus: Pick<CliBus, 'request'>,
  { terminal, signal, pause }: Pick<Cli, 'terminal' | 'signal' | 'pause'>,
  options: StatusOptions,
): Promise<ExitCode> {
  const first = await askStatus(bus, options.service);
  print(terminal, first, options);
  if (options.watch !== true) return options.exitCode === true && attentionOf(first).length > 0 ? exitCodes.attention : exitCodes.fine;

  let last = JSON.stringify(first);
  while (await pause(watchEveryMs, signal)) {
    const status = await askStatus(bus, options.service).catch((thrown: unknown) => {
      terminal.note(errorMessage(thrown));
      return null;
    });
    if (status === null) continue;
    // On a terminal the times move even when nothing else does.
    if (!terminal.isTerminal && JSON.stringify(status) === last) continue;
    last = JSON.stringify(status);
    terminal.clear();
    print(terminal, status, options);
  }
  return exitCodes.interrupted;
}

/** Asks for one service, which tells more of it; for all of them only to find the nearest name. */
async function askStatus(bus: Pick<CliBus, 'request'>, service: ServiceName | undefined): Promise<StatusReply> {
  if (service === undefined) return await bus.request('status.services', {});
  const status = await bus.request('status.services', { service });
  const services = status.services.filter((each) => each.service === service);
  // A name that nobody knows is compared with all that are known.
  if (services.length === 0) findService((await bus.request('status.services', {})).services, service);
  return {
    ...status,
    services,
    foreign: status.foreign.filter((each) => each.service === service),
  };
}

function print(terminal: Terminal, status: StatusReply, { service, json = false, watch = false }: StatusOptions): void {
  if (json) {
    terminal.json(status, { compact: watch });
    return;
  }
  printForPeople(terminal, status);
  const [only] = status.services;
  if (service !== undefined && only) printDetails(terminal, only);
}

function printForPeople(terminal: Terminal, status: StatusReply): void {
  const now = terminal.now();
  if (status.services.length === 0)
    terminal.print('No service is declared yet: put a folder with a service.toml beside the main file and name it there.');
  else
    terminal.table(
      ['SERVICE', 'PHASE', 'IMAGE', 'DIGEST', 'REGISTRY', 'READY', 'SINCE', 'NEXT RUN', 'ROUTES', 'REASON'],
      status.services.map((each) => row(each, now)),
    );

  const attention = attentionOf(status);
  if (attention.length === 0) return;
  terminal.print();
  terminal.print(terminal.paint('warning', 'Needs attention:'));
  for (const each of attention) for (const line of attentionLines(each, now)) terminal.print(oneLine(line));
}

function attentionLines({ what, advice, since, retryAt }: Attention, now: Date): string[] {
  const times = [
    ...(since === undefined ? [] : [`since ${relativeTime(since, now)}`]),
    ...(retryAt === undefined ? [] : [nextTry(retryAt, now)]),
  ];
  return [`- ${what}${times.length === 0 ? '' : ` (${times.join(', ')})`}`, ...(advice === undefined ? [] : [`  ${advice}`])];
}

/** What the table has no room for, when one service was asked for. */
function printDetails(terminal: Terminal, service: ServiceStatus): void {
  const details = detailsOf(service, terminal.now());
  const width = Math.max(...details.map(({ label }) => label.length));
  terminal.print();
  for (const { label, text } of details) terminal.print(`${terminal.paint('dim', label.padEnd(width))}  ${oneLine(text)}`);
  const { lastLines = [] } = service;
  if (lastLines.length === 0) return;
  terminal.print();
  terminal.print('The last lines of the container that failed:');
  for (const line of lastLines) terminal.print(`  ${oneLine(line)}`);
}

function row(status: ServiceStatus, now: Date): Cell[] {
  const { service, phase, image, digest, source, registry, replicas, since, nextRun, routes, reason } = status;
  return [
    { text: service, tone: 'strong' },
    { text: phase, tone: tones[phase] },
    image.replace(/@sha256:.*$/, ''),
    digest === null ? '-' : `${shortDigest(digest)}${source === 'local' ? ' (local)' : ''}`,
    registry ? { text: registry.state, tone: 'warning' } : '',
    { text: `${replicas.ready}/${replicas.wanted}`, tone: replicas.ready < replicas.wanted ? 'warning' : 'plain' },
    since === null ? '-' : relativeTime(since, now),
    nextRun === undefined ? '' : relativeTime(nextRun, now),
    routes.join(' '),
    reason,
  ];
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
