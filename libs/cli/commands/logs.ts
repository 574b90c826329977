import type { Instant, LogsReply, LogsRequest, ServiceName } from '@kedge/shared/contracts';
import { counted, errorCode } from '@kedge/shared/kernel';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { answerOrReason } from '../answer-or-reason.ts';
import { parseCount, parseService } from '../arguments.ts';
import type { CliWithBus, Register } from '../cli.ts';
import { createSeenOutput } from '../core/seen-output.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { findService } from '../find-service.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface LogsOptions {
  readonly lines?: number;
  readonly run?: Instant;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const followEveryMs = 1_000;
/** Lines asked for in each look while following, whatever was asked for first: more than a second's worth. */
const followLines = 1_000;
/** One answer has to fit into one message of the bus. */
const mostLines = 5_000;

/** `kedge logs`: with `-f` it asks again and again, because output is not on the bus. */
export const register: Register = ({ program, run }) => {
  program
    .command('logs')
    .description("show the last lines of a service's containers, or of a job's runs")
    .argument('<service>', 'the service', parseService)
    .option('-n, --lines <count>', 'so many lines of each container (default: 100, at most 5000); also: --tail', parseCount)
    .addOption(new Option('--tail <count>', 'as --lines').argParser(parseCount).hideHelp())
    .option('--run <instant>', 'the run of a job that was due then, as "kedge events job" names it', parseInstant)
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('--json', 'print the answer as JSON; with --follow one line of JSON for each new line')
    .action(async (service: ServiceName, { tail, ...options }: LogsOptions & { readonly tail?: number }, command: Command) => {
      const { lines = tail } = options;
      if (tail !== undefined && lines !== tail)
        command.error(`--lines ${lines} and --tail ${tail} mean the same and differ; leave one out`);
      await run(async (cli) => await showLogs(cli, { ...options, service, ...(lines === undefined ? {} : { lines }) }));
    });
};

/** Shows the last lines; with `follow`, then those that are added. */
async function showLogs(cli: CliWithBus<'request'>, options: LogsOptions & { readonly service: ServiceName }): Promise<ExitCode> {
  const { bus, terminal, signal, pause } = cli;
  const { service, lines = 100, run, follow = false, json = false } = options;
  const ask = async (count: number) =>
    await askLines(bus, { service, lines: Math.min(count, mostLines), ...(run === undefined ? {} : { instant: run }) });
  const first = await ask(follow ? Math.max(lines, followLines) : lines);
  if (lines > mostLines) terminal.note(tooMany(first));
  for (const source of first.sources) if (source.cut && source.lines.length <= lines) terminal.note(cutShort(source));
  if (!follow && json) terminal.json(first);
  else if (first.sources.length === 0) terminal.note(nothingThere(service, run));
  const shown = first.sources.map((source) => ({ ...source, lines: source.lines.slice(-lines) }));
  if (!json || follow) print(terminal, { sources: shown, json, isAlone: shown.length === 1 });
  if (!follow) return first.sources.length === 0 && run !== undefined ? exitCodes.failed : exitCodes.fine;

  const seen = createSeenOutput(first);
  let trouble = '';
  while (await pause(followEveryMs, signal)) {
    const next = await answerOrReason(async () => await ask(followLines));
    if (typeof next === 'string' && next !== trouble) terminal.note(next);
    trouble = typeof next === 'string' ? next : '';
    if (typeof next !== 'string') print(terminal, { sources: seen.added(next), json, isAlone: next.sources.length === 1 });
  }
  return exitCodes.interrupted;
}

/**
 * The reconciler knows nothing of a service that has neither a container nor a run, as of one that nobody declared.
 * @throws {TerminalError} SERVICE_UNKNOWN for the latter, naming the nearest one
 */
async function askLines(bus: CliWithBus<'request'>['bus'], request: LogsRequest): Promise<LogsReply> {
  try {
    return await bus.request('logs.tail', request);
  } catch (thrown) {
    if (errorCode(thrown) !== 'SERVICE_UNKNOWN') throw thrown;
    findService((await bus.request('status.services', {})).services, request.service);
    return { sources: [] };
  }
}

function nothingThere(service: ServiceName, run: Instant | undefined): string {
  if (run === undefined) return `${service} has no container and no run yet; "kedge status ${service}" says why`;
  return `${service} has no run of ${run}; "kedge events job --service ${service} --since 24h" tells of its runs`;
}

function tooMany({ sources }: LogsReply): string {
  return `no more than the last ${mostLines} lines of each container can be asked for${whereAllIs(sources)}`;
}

function cutShort(source: LogsReply['sources'][number]): string {
  const { name, lines } = source;
  return `${name}: one answer holds no more than the last ${counted(lines.length, 'line')}, because they are long${whereAllIs([source])}`;
}

/** The output of a run is kept by itself: the engine may have none of it any more. */
function whereAllIs(sources: LogsReply['sources']): string {
  const found = sources.find(({ name, container }) => container !== null && !name.startsWith('run '));
  return found ? `; "docker logs ${found.name}" has all that the engine keeps` : '';
}

type Source = Pick<LogsReply['sources'][number], 'name' | 'exitCode'> & { readonly lines: readonly string[] };

interface Shown {
  readonly sources: readonly Source[];
  readonly json: boolean;
  readonly isAlone: boolean;
}

/** One container's lines stand alone; with several, each line says whose it is. */
function print(terminal: Terminal, { sources, json, isAlone }: Shown): void {
  const width = Math.max(0, ...sources.map(({ name }) => name.length));
  for (const { name, lines } of sources) {
    const prefix = isAlone ? '' : `${terminal.paint('dim', `${name.padEnd(width)} |`)} `;
    for (const line of lines) {
      if (json) terminal.json({ source: name, line }, { compact: true });
      else terminal.print(`${prefix}${line}`);
    }
  }
}

function parseInstant(text: string): Instant {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('it must be a time like 2026-03-01T12:00:00Z');
  return date.toISOString();
}
