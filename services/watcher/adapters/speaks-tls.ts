import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { isTlsFault } from '../core/images/connection-fault.ts';
import { codeOf } from './code-of.ts';

/** Connecting, and shaking hands. */
const handshakeMs = 10_000;

/**
 * Whether somebody speaks TLS there: begins a handshake, and sends no request and nothing that tells who we are. A bad certificate is one,
 * too. Nobody there, or no answer within 10 s, is no TLS; rejects only when `signal` aborts.
 */
export async function speaksTls({ hostname, port }: URL, signal: AbortSignal): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...servername });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, AbortSignal.timeout(handshakeMs)]) });
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    return isTlsFault(codeOf(thrown));
  } finally {
    socket.destroy();
  }
}
