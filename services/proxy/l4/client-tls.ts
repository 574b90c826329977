import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

interface Agreement {
  readonly client: Socket;
  readonly context: SecureContext;
  /** How long the client may take for it, in milliseconds. */
  readonly withinMs: number;
}

/** What a client says by TLS, in the open. */
class ClientTls extends TLSSocket {
  readonly #beneath: Socket;

  constructor(beneath: Socket, secureContext: SecureContext) {
    super(beneath, { isServer: true, secureContext });
    this.#beneath = beneath;
  }

  /** TLS has no reset of its own. */
  override resetAndDestroy(): this {
    this.#beneath.resetAndDestroy();
    return this.destroy();
  }
}

/** Resolves once both sides agree on TLS; to null when the client cannot, does not in time, or leaves: then it is gone. Nothing of it was read yet. */
export async function agreeOnTls({ client, context, withinMs }: Agreement): Promise<Socket | null> {
  const secure = new ClientTls(client, context);
  return await new Promise((resolve) => {
    const giveUp = () => {
      clearTimeout(timer);
      secure.destroy();
      client.destroy();
      resolve(null);
    };
    const timer = setTimeout(giveUp, withinMs);
    secure.once('error', giveUp);
    secure.once('close', giveUp);
    secure.once('secure', () => {
      clearTimeout(timer);
      secure.off('error', giveUp);
      secure.off('close', giveUp);
      resolve(secure);
    });
  });
}
