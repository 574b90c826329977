import type { Command } from 'commander';
import type { ConfigPlace } from './config-place.ts';
import type { CliBus } from './connect.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command gets. */
export interface Cli {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Waits between two looks, in milliseconds; false when the signal ended the wait. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<boolean>;
  /** Who asks, as events name it. */
  readonly actor: string;
  /** Where the keys of the bus are. Throws BUS_KEY_MISSING when there are none. */
  readonly keysFolder: () => string;
  /** What the stack reads, where nobody names another. */
  readonly configPlace: ConfigPlace;
  /** Where the processes of the machine are seen, as in `/proc`. */
  readonly processesFolder: string;
  /** Of the host, that the proxy of the stack listens on. */
  readonly proxyPort: number;
  /** The same for HTTPS, where it serves that. */
  readonly httpsPort?: number | undefined;
  /** Default network of services, where somebody set it. */
  readonly network?: string | undefined;
}

/** What the script that starts the stack of `kedge dev` asks of this program. */
export interface DevErrand {
  /**
   * `prepare`: before Compose, tell the script what to start. `finish`: after it, follow what came of that. `absent`: there was nothing
   * that could have been taken down.
   */
  readonly step: 'prepare' | 'finish' | 'absent';
  /** Where `prepare` leaves what the script needs to know. */
  readonly settingsFile: string;
}

/** What a command gets that speaks to the stack, with as much of the bus as it says. */
export type CliWithBus<Uses extends keyof CliBus> = Cli & { readonly bus: Pick<CliBus, Uses> };

/** `dev` is the stack that `kedge dev` starts, `own` the one beside it. */
export type StackName = 'own' | 'dev';

interface RunOptions {
  /** Default: what `--dev` says. */
  readonly stack?: StackName;
  /** Works in the place of the command when it cannot connect. */
  readonly withoutBus?: (thrown: unknown, cli: Cli) => Promise<ExitCode>;
}

/** Connects, lets a command work, closes the connection, and keeps the exit code. */
export type Run = (work: (cli: CliWithBus<keyof CliBus>) => Promise<ExitCode>, options?: RunOptions) => Promise<void>;

/** Lets a command work that needs no bus, and keeps the exit code. */
export type Alone = (work: (cli: Cli) => Promise<ExitCode>) => Promise<void>;

/** What a command gets to add itself. */
export interface Registration {
  readonly program: Command;
  readonly run: Run;
  readonly alone: Alone;
  /** Null where nobody is there who could start a stack for `kedge dev`: the script `kedge` does that, this program cannot. */
  readonly dev: DevErrand | null;
}

/** Adds one command to the program; each file in `commands/` has one. */
export type Register = (registration: Registration) => void;
