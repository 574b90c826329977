import { accessTable } from '@kedge/shared/bus/setup';
import { type CloudEvent, entriesOf, type ServiceName, type Subject, subjects as subjectsOfCatalogue } from '@kedge/shared/contracts';
import { longestTimerMs, parseDurationMs, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { parseCount, parseService } from '../arguments.ts';
import type { Cli, CliWithBus, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { chooseSubjects } from '../core/choose-subjects.ts';
import { gistOf, isStored, linesBeneath, subjectOf, toneOf } from '../core/describe-event.ts';
import { parseAge } from '../core/parse-age.ts';
import { createTimeline } from '../core/timeline.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { expectService } from '../expect-service.ts';
import { timeOfDay } from '../terminal/relative-time.ts';
import type { Tone } from '../terminal/style.ts';
import { oneLine } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface EventsOptions {
  readonly json?: boolean;
  /** Undefined: neither `--follow` nor `--no-follow` was said. */
  readonly follow?: boolean;
  /** In milliseconds. */
  readonly since?: number;
  readonly service?: ServiceName;
  readonly limit?: number;
  /** In milliseconds. */
  readonly for?: number;
}

/** `kedge events`: follows until Ctrl-C, unless an option ends it. */
export const register: Register = ({ program, run }) => {
  program
    .command('events')
    .description('tell what happens, from now on or since some time ago, until Ctrl-C')
    .argument('[subjects...]', 'only these, for example: image.updated, deploy, "job.*"')
    .option('--since <duration>', 'first what happened in this time, for example 10m or 2d; the stream keeps 7d', parseAge)
    .option('-f, --follow', 'go on until Ctrl-C; this is what happens in any case')
    .option('--no-follow', 'end after what --since found')
    .option('--service <name>', 'only what concerns this service', parseService)
    .option('--limit <count>', 'end after so many events', parseCount)
    .option('--for <duration>', 'end after this time, for example 30s', (text) => parseDurationMs(text))
    .option('--json', 'print each event as one line of CloudEvents JSON')
    .action(async (patterns: string[], options: EventsOptions) => {
      if (options.follow === false && options.since === undefined) throw sinceMissing();
      await run(async (cli) => await tellEvents(cli, { ...options, patterns }));
    });
};

/** Prints what happened, if asked for, and then what happens, until Ctrl-C, a number or a time. */
async function tellEvents(
  { bus, terminal, signal, pause }: CliWithBus<'identity' | 'request' | 'follow' | 'recent' | 'isConnected' | 'onReconnect'>,
  { patterns, json = false, follow = true, since, service, limit, for: lasting }: EventsOptions & { readonly patterns: readonly string[] },
): Promise<ExitCode> {
  const untilMs = lasting === undefined ? null : Math.min(lasting, longestTimerMs);
  const known = followable(bus.identity);
  const kept = known.filter(isStored);
  // What is said too often to be stored is said too often to be read, unless it is asked for by name.
  const subjects = patterns.length === 0 ? kept : chooseSubjects(patterns, known);
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  let shown = 0;
  const show = (event: CloudEvent) => {
    if (ended.aborted || (service !== undefined && event.subject !== service)) return;
    if (json) terminal.json(event, { compact: true });
    else for (const line of eventLines(terminal, event)) terminal.print(line);
    shown += 1;
    if (shown === limit) enough.abort();
  };

  bus.onReconnect(() => terminal.note('the bus was away; events may be missing here'));
  const timeline = createTimeline(show);
  // It listens before it reads, so that nothing falls between the two.
  const open = follow ? bus.follow(subjects, timeline.hear) : null;
  try {
    const now = terminal.now();
    const from = since === undefined ? null : new Date(Math.max(0, now.getTime() - since));
    if (service !== undefined) await expectService(bus, { service, subjects: kept, now, since: from });
    const past = from === null ? [] : await bus.recent({ since: from, subjects });
    timeline.begin(past);
    if (follow) {
      const lasts = untilMs === null ? ended : AbortSignal.any([ended, AbortSignal.timeout(untilMs)]);
      await untilEnded({ bus, pause, lasts, note: terminal.note });
    }
  } finally {
    await open?.close();
  }
  return signal.aborted ? exitCodes.interrupted : exitCodes.fine;
}

function sinceMissing(): TerminalError {
  return new TerminalError(
    'SINCE_MISSING',
    '--no-follow alone shows nothing; say with --since how far to look back, for example --since 10m',
  );
}

const lookEveryMs = 1_000;
/** Looks in a row that find the bus away until it counts as stopped: a restart of the server takes a few. */
const mostLooksAway = 30;

interface UntilEnded extends Pick<Cli, 'pause'> {
  readonly bus: Pick<CliBus, 'isConnected'>;
  readonly lasts: AbortSignal;
  readonly note: Terminal['note'];
}

/**
 * Waits until `lasts` is aborted.
 * @throws {RetryableError} BUS_UNAVAILABLE when the bus stays away
 */
async function untilEnded({ bus, pause, lasts, note }: UntilEnded): Promise<void> {
  let looksAway = 0;
  while (await pause(lookEveryMs, lasts)) {
    looksAway = bus.isConnected() ? 0 : looksAway + 1;
    if (looksAway === 1) note('the bus is away; waiting for it to come back');
    if (looksAway === mostLooksAway) {
      throw new RetryableError(
        'BUS_UNAVAILABLE',
        'the bus did not come back, so nothing is left to follow; start the stack again with "npm start" or "docker compose up -d"',
      );
    }
  }
}

function followable(identity: CliBus['identity']): Subject[] {
  return accessTable([])
    .filter((access) => access.identity === identity)
    .flatMap(({ follows }) => follows.map(({ subject }) => subject));
}

function eventLines({ paint, now }: Terminal, event: CloudEvent): string[] {
  const subject = subjectOf(event);
  const parts: readonly (readonly [Tone, string])[] = [
    ['dim', timeOfDay(event.time, now())],
    [toneOf(subject), subject.padEnd(subjectWidth)],
    ['strong', event.subject ?? '-'],
    ['plain', gistOf(event)],
  ];
  const first = parts
    .map(([tone, text]) => paint(tone, oneLine(text)))
    .join('  ')
    .trimEnd();
  return [first, ...linesBeneath(event).map((line) => paint('dim', `${indentation}${oneLine(line)}`))];
}

const indentation = ' '.repeat('00:00:00  '.length);
const subjectWidth = Math.max(...entriesOf(subjectsOfCatalogue).map(([subject]) => subject.length));
