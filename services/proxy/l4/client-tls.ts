import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
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
  /** Who did not agree yet, by the other end: the socket that comes and the one that is agreed on are two. */
  const undecided = new Map<string, Socket>();
  let shown: string | null = null;

  server.on('tlsClientError', (_error, client: TLSSocket) => client.destroy());
  server.on('secureConnection', (secure: TLSSocket) => {
    const peer = peerOf(secure);
    const beneath = undecided.get(peer);
    undecided.delete(peer);
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
      const peer = peerOf(client);
      undecided.set(peer, client);
      client.once('close', () => undecided.get(peer) === client && undecided.delete(peer));
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

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
