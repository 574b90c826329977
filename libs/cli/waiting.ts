import { parseDurationMs } from '@kedge/shared/kernel';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import type { ExitCode } from './exit-codes.ts';
import { exitCodeOfOutcome, isWell, type Outcome } from './outcome.ts';
import type { Terminal } from './terminal/terminal.ts';

/** How somebody wants a change of several services to be told and waited for. */
export interface WaitOptions {
  readonly wait?: boolean;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** What `--timeout` is when nobody says it. */
export const defaultTimeoutMs = 300_000;

/** Adds the options that every command has which changes several services. */
export function withWaitOptions(command: Command, { noWait }: { readonly noWait: string }): Command {
  return command
    .option('--no-wait', noWait)
    .option('--timeout <duration>', 'how long to wait (default: 5m)', (text) => parseDurationMs(text))
    .option('--json', 'print the outcome as one JSON object, and everything else on standard error');
}

interface Result {
  readonly outcome: Outcome;
  /** Whatever else programs are told. */
  readonly [fact: string]: unknown;
}

/** Such a command at work. */
export interface Waiting<World> {
  /** What the command was given; with `--json` its terminal talks beside the result. */
  readonly cli: World;
  readonly say: Terminal;
  readonly wait: boolean;
  readonly timeoutMs: number;
  /** The end: programs are told it as one object, which begins with whether all is well. */
  conclude(result: Result): ExitCode;
}

/** A command that changes services, with its options read: `say` is where people are told, `conclude` its only end. */
export function waitingAs<World extends Pick<Cli, 'terminal'>>(given: World, options: WaitOptions): Waiting<World> {
  const { terminal } = given;
  const { wait = true, timeout = defaultTimeoutMs, json = false } = options;
  const say = json ? terminal.aside() : terminal;
  return {
    cli: { ...given, terminal: say },
    say,
    wait,
    timeoutMs: timeout,
    conclude({ outcome, ...facts }) {
      if (json) terminal.json({ ok: isWell(outcome), outcome, ...facts });
      return exitCodeOfOutcome(outcome);
    },
  };
}
