import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JetStreamClient, type JetStreamManager, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Identity } from '../contracts/index.ts';
import { errorMessage, RetryableError, TerminalError, wait } from '../kernel/index.ts';

/** Where JetStream of the account that owns it is reached from every other account. */
export const jetStreamPrefix = 'JS.K.API';

/** The connection and the clients made on it. */
export interface Link {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly kv: Kvm;
}

/** Who connects where, until when. */
export interface LinkOptions {
  readonly identity: Identity;
  readonly instance: string;
  readonly url: string;
  /** Folder that holds `<identity>.nk`. */
  readonly keysFolder: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Connects and reconnects for ever; resolves to null when `signal` ended the attempt. */
export async function openLink({ identity, instance, url, keysFolder, log, signal }: LinkOptions): Promise<Link | null> {
  const seed = await readSeed(join(keysFolder, `${identity}.nk`));
  let announced = false;
  while (!signal.aborted) {
    try {
      const connection = await connect({
        servers: url,
        name: `kedge ${identity}/${instance}`,
        authenticator: nkeyAuthenticator(seed),
        inboxPrefix: `_INBOX_${identity}`,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 500,
        reconnectJitter: 500,
        pingInterval: 5_000,
        maxPingOut: 2,
        timeout: 5_000,
        ignoreAuthErrorAbort: true,
        ignoreClusterUpdates: true,
      });
      if (signal.aborted) {
        // It came about while everything was closed: nobody else knows of it.
        await connection.close();
        return null;
      }
      const client = jetstream(connection, { apiPrefix: jetStreamPrefix });
      return { connection, jetstream: client, manager: await client.jetstreamManager(false), kv: new Kvm(client) };
    } catch (thrown) {
      if (!announced) log.warn({ url, reason: errorMessage(thrown) }, 'waiting for the bus');
      announced = true;
      await wait(500, signal);
    }
  }
  return null;
}

async function readSeed(path: string): Promise<Uint8Array> {
  try {
    return new TextEncoder().encode((await readFile(path, 'utf8')).trim());
  } catch (cause) {
    throw new TerminalError(
      'BUS_KEY_MISSING',
      `the bus key ${path} cannot be read; the one-shot "init" writes it at every start of the stack`,
      {
        cause,
        details: { path },
      },
    );
  }
}

/** What a failed call on the bus means: away (retry) or refused (do not). */
export function busError(thrown: unknown, what: string): Error {
  const message = errorMessage(thrown);
  if (/permissions violation/i.test(message)) {
    return new TerminalError('BUS_REFUSED', `${what} is not permitted for this identity: ${message}`, { cause: thrown });
  }
  return new RetryableError('BUS_UNAVAILABLE', `${what} did not work: ${message}`, { cause: thrown });
}
