import { ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { nearest, TerminalError } from '@kedge/shared/kernel';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConfigPlace, placeNamedBy } from './config-place.ts';
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

interface Named {
  readonly program: Command;
  readonly cli: Pick<Cli, 'configPlace'>;
  /** By the command's own argument. */
  readonly named?: string | undefined;
}

/** The configuration that a command is about: what it names itself, else `--config`, else what the stack reads. */
export async function choosePlace({ program, cli: { configPlace }, named }: Named): Promise<ConfigPlace> {
  const path = named ?? program.opts<{ config?: string }>().config;
  return path === undefined ? configPlace : await placeNamedBy(path);
}

/** Reads the path of a configuration. An option in its place, or a variable of the shell that is empty, is none. */
export function parsePath(text: string): string {
  if (text !== '' && !text.startsWith('-')) return text;
  throw new InvalidArgumentError('it must be the path of a folder or of its main file; one that begins with "-" is written "./-…"');
}

/** Reads an argument that names a service. */
export function parseService(text: string): ServiceName {
  const parsed = ServiceName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'not a service name');
}

/** Reads an argument that is a whole number of at least 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a whole number, at least 1');
}

/**
 * The service of that name.
 * @throws {TerminalError} SERVICE_UNKNOWN naming the nearest one
 */
export function findService(services: readonly ServiceStatus[], name: ServiceName): ServiceStatus {
  const found = services.find(({ service }) => service === name);
  if (found) return found;
  throw unknownService(
    name,
    services.map(({ service }) => service),
  );
}

/** SERVICE_UNKNOWN, with the nearest of the names that are known. `alsoNot` goes on where else it is not, with a comma in front. */
export function unknownService(name: ServiceName, names: readonly ServiceName[], alsoNot = ''): TerminalError {
  const near = nearest(name, names);
  const hint = near !== null ? `did you mean "${near}"?` : names.length === 0 ? 'none is declared' : `there are: ${names.join(', ')}`;
  return new TerminalError('SERVICE_UNKNOWN', `there is no service "${name}"${alsoNot}; ${hint}`);
}
