import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { connectionName } from '../inbound/kernel-ends.ts';
import { pemOf } from '../inbound/secure-contexts.ts';
import type { CertificateSource } from '../ports.ts';

interface ClientTlsPorts {
  readonly certificates: CertificateSource;
  /** How long a client may take to agree, in milliseconds. */
  readonly withinMs: number;
  /** Both sides agree; nothing that the client said was read yet. */
  readonly onAgreed: (secure: Socket) => void;
}

/** TLS with the clients of one port. */
export interface ClientTls {
  /** Shows a client the certificate of this host. Whoever cannot agree, does not in time, or leaves is gone. Rejects where there is no certificate. */
  welcome(client: Socket, host: string): Promise<void>;
  /** Ends those who did not agree yet. */
  breakOff(): void;
}

const settings = { minVersion: 'TLSv1.2' } as const;

/** A server of TLS that listens nowhere: it gets its clients one by one. */
export function createClientTls({ certificates, withinMs, onAgreed }: ClientTlsPorts): ClientTls {
  const server = createServer({ ...settings, handshakeTimeout: withinMs, allowHalfOpen: true });
  /** Who did not agree yet, by name: the socket that comes and the one that is agreed on are two. */
  const undecided = new Map<string, Socket>();
  let shown: string | null = null;

  server.on('tlsClientError', (_error, client: TLSSocket) => client.destroy());
  server.on('secureConnection', (secure: TLSSocket) => {
    const name = connectionName(secure);
    const beneath = undecided.get(name);
    undecided.delete(name);
    // TLS has no reset of its own.
    secure.resetAndDestroy = () => {
      beneath?.resetAndDestroy();
      return secure.destroy();
    };
    // Whoever breaks the rules of TLS afterwards gets its alert, and is not ended by that alone.
    secure.on('error', () => secure.destroy());
    onAgreed(secure);
  });
  return {
    async welcome(client, host) {
      const name = connectionName(client);
      undecided.set(name, client);
      client.once('close', () => undecided.get(name) === client && undecided.delete(name));
      client.on('error', () => undefined);
      const found = await certificates.certificateFor(host);
      if (client.destroyed) return;
      if (found.certificate !== shown) server.setSecureContext({ ...settings, ...pemOf(found) });
      shown = found.certificate;
      server.emit('connection', client);
    },
    breakOff() {
      for (const client of undecided.values()) client.destroy();
    },
  };
}
