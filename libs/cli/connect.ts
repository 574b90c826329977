import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '@kedge/shared/bus';
import { type Closable, errorCode, errorMessage, RetryableError, TerminalError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { pino } from 'pino';
import { type CliConfig, devNode, findBusUrl, findKeysFolder } from './config.ts';

/** What commands use of the bus. */
export type CliBus = Pick<Bus, 'identity' | 'request' | 'publish' | 'follow' | 'recent' | 'isConnected' | 'onReconnect' | 'close'>;

interface ConnectOptions {
  readonly identity: CliConfig['KEDGE_IDENTITY'];
  readonly config: CliConfig;
  /** Where the search for keys begins. */
  readonly folder: string;
}

/** How long a person waits for a connection, in milliseconds. */
const patienceMs = 3_000;

/**
 * Connects, or says what is missing and what to do about it.
 * @throws {RetryableError} BUS_UNAVAILABLE
 * @throws {TerminalError} BUS_KEY_MISSING, BUS_KEY_REFUSED
 */
export async function connectCli({ identity, config, folder }: ConnectOptions): Promise<CliBus> {
  const keysFolder = findKeysFolder(config.KEDGE_KEYS, folder);
  const url = findBusUrl(config.KEDGE_BUS_URL, keysFolder);
  const isDev = config.KEDGE_NODE === devNode;
  const told = listenToLog(config.KEDGE_LOG_LEVEL);
  try {
    const bus = await connectBus({
      identity,
      node: config.KEDGE_NODE,
      instance: `${identity}-${process.pid}`,
      url,
      keysFolder,
      log: told.log,
      waitMs: patienceMs,
    });
    return { ...bus, close: async () => await closeLeniently(bus, told.log) };
  } catch (thrown) {
    const key = join(keysFolder, `${identity}.nk`);
    if (errorCode(thrown) === 'BUS_KEY_MISSING') throw keyMissing({ key, isDev, cause: thrown });
    if (errorCode(thrown) === 'BUS_UNAVAILABLE') throw unavailable({ url, key, isDev, reason: told.lastReason(), cause: thrown });
    throw thrown;
  }
}

/** A connection that is away cannot drain; whoever had it is at its end, and that is no reason to fail. */
async function closeLeniently(bus: Closable, log: Logger): Promise<void> {
  await bus.close().catch((thrown: unknown) => log.warn({ reason: errorMessage(thrown) }, 'the connection was closed without draining'));
}

/** The login name, for events; users without an entry in the password file have only a number. */
export function currentActor(set: string | undefined): string {
  if (set !== undefined) return set;
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The connection's log goes to standard error when wanted; why it could not connect is kept in any case. */
function listenToLog(level: CliConfig['KEDGE_LOG_LEVEL']): {
  readonly log: Logger;
  readonly lastReason: () => string | null;
} {
  let reason: string | null = null;
  const shown = level === 'silent' ? Number.POSITIVE_INFINITY : (pino.levels.values[level] ?? 0);
  const write = (line: string) => {
    const record = JSON.parse(line) as { readonly level: number; readonly reason?: string };
    reason = record.reason ?? reason;
    if (record.level >= shown) process.stderr.write(line);
  };
  const log: Logger = pino({ level: level === 'silent' ? 'warn' : level }, { write });
  return { log, lastReason: () => reason };
}

interface Unreached {
  readonly key: string;
  /** It is the stack of `kedge dev`. */
  readonly isDev: boolean;
  readonly cause: unknown;
}

function keyMissing({ key, isDev, cause }: Unreached): TerminalError {
  const isAbsent = isDev && isNoFile(cause);
  return new TerminalError(
    'BUS_KEY_MISSING',
    isAbsent
      ? `${noDevStack} (there is no key ${key}); ${startDev}`
      : `the key ${key} cannot be read; the stack writes it when it is started ${startOf(isDev)}, for the owner of the folder: run kedge as that user, or set KEDGE_KEYS`,
    { cause },
  );
}

/** A folder or a key of another user is there, though it cannot be read. */
function isNoFile(thrown: unknown): boolean {
  const { cause } = thrown instanceof Error ? thrown : {};
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

const noDevStack = 'there is no stack of "kedge dev" here';
const startDev = '"kedge dev" starts one, and without --dev the usual stack is asked';

function startOf(isDev: boolean): string {
  return isDev ? 'with "kedge dev"' : 'with "npm start" or "docker compose up -d"';
}

interface Unavailable extends Unreached {
  readonly url: string;
  readonly reason: string | null;
}

function unavailable({ url, key, isDev, reason, cause }: Unavailable): Error {
  if (reason !== null && /authorization|authentication/i.test(reason)) {
    return new TerminalError(
      'BUS_KEY_REFUSED',
      `the bus at ${url} refuses the key ${key}: it belongs to another installation; run kedge in the folder of the stack that listens there`,
      { cause },
    );
  }
  const silence = `the bus at ${url} does not answer${reason === null ? '' : ` (${reason})`}`;
  const message = isDev
    ? `${noDevStack} that runs: ${silence}; ${startDev}`
    : `${silence}; start the stack ${startOf(isDev)}, or set KEDGE_BUS_URL`;
  return new RetryableError('BUS_UNAVAILABLE', message, { cause });
}
