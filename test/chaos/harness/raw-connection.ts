import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import type { StackFacts } from '../../e2e/harness/stack.ts';

/** A connection with the key of an identity and none of our own code on the way: it says whatever bytes it is given. */
export async function connectRaw({ natsPort }: Pick<StackFacts, 'natsPort'>, identity: string, seed: string): Promise<NatsConnection> {
  return await connect({
    servers: `nats://127.0.0.1:${natsPort}`,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed.trim())),
    inboxPrefix: `_INBOX_${identity}`,
    maxReconnectAttempts: -1,
  });
}
