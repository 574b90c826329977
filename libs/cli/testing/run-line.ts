import type { DevErrand } from '../cli.ts';
import { type Connection, runCli } from '../run-cli.ts';
import type { FakeBus } from './fake-bus.ts';
import { createRecordingTerminal, type RecordingTerminal } from './recording-terminal.ts';

/** What surrounds a line. */
export interface RunLineOptions {
  readonly terminal?: RecordingTerminal;
  readonly signal?: AbortSignal;
  /** Default: one that is not there. */
  readonly keysFolder?: string;
  /** Default: one that is not there. */
  readonly configFolder?: string;
  /** Default: those of this machine. */
  readonly processesFolder?: string;
  /** In place of the bus: why it cannot be joined. */
  readonly refusal?: Error;
  /** The default network that is set. Default: none. */
  readonly network?: string;
  /** Default: no HTTPS. */
  readonly httpsPort?: number;
  /** Default: nobody starts a stack for `kedge dev`. */
  readonly dev?: DevErrand;
  /** Hears whom the line connects to. */
  readonly onConnect?: (connection: Connection) => void;
}

/** Runs a command line, words separated by spaces, and gives what it said and its exit code. */
export async function runLine(
  bus: FakeBus,
  line: string,
  {
    terminal = createRecordingTerminal(),
    signal = new AbortController().signal,
    keysFolder = '/nowhere',
    configFolder = '/nowhere',
    processesFolder = '/proc',
    refusal,
    network,
    httpsPort,
    dev,
    onConnect,
  }: RunLineOptions = {},
) {
  const connect = async (connection: Connection) => {
    onConnect?.(connection);
    if (refusal) throw refusal;
    return bus;
  };
  const exitCode = await runCli(line.split(' '), {
    terminal,
    signal,
    pause: noPause,
    actor: 'ann',
    keysFolder: () => keysFolder,
    configPlace: { folder: configFolder },
    processesFolder,
    proxyPort: 80,
    httpsPort,
    network,
    dev: dev ?? null,
    connect,
  });
  return { exitCode, out: terminal.out(), err: terminal.err() };
}

/** Lets everything else go on once instead of waiting. */
export async function noPause(_ms: number, signal: AbortSignal): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return !signal.aborted;
}
