import { ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { nearest, TerminalError } from '@kedge/shared/kernel';
import { type Command, InvalidArgumentError } from 'commander';
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
  /** The configuration folder that the stack reads, where nobody names another; absolute. */
  readonly configFolder: string;
  /** Of the host, that the proxy of the stack listens on. */
  readonly proxyPort: number;
}

/** Connects, lets a command work, closes the connection, and keeps the exit code. `withoutBus` works in its place when it cannot connect. */
export type Run = (work: (bus: CliBus) => Promise<ExitCode>, withoutBus?: (thrown: unknown) => Promise<ExitCode>) => Promise<void>;

/** Lets a command work that needs no bus, and keeps the exit code. */
export type Alone = (work: () => Promise<ExitCode>) => Promise<void>;

/** A command adds itself to the program. */
export type Register = (program: Command, cli: Cli, run: Run, alone: Alone) => void;

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
  const names = services.map(({ service }) => service);
  const near = nearest(name, names);
  const hint = near !== null ? `did you mean "${near}"?` : names.length === 0 ? 'none is declared' : `there are: ${names.join(', ')}`;
  throw new TerminalError('SERVICE_UNKNOWN', `there is no service "${name}"; ${hint}`);
}
