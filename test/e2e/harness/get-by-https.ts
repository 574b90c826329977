import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { patienceMs } from './open.ts';

interface HttpsAnswer {
  readonly status: number;
  readonly body: string;
  readonly certificate: PeerCertificate;
}

/** One request on a connection of its own, whoever signed the certificate that was shown for the host. */
export async function getByHttps(port: number, host: string): Promise<HttpsAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: host, headers: { host }, agent: false, timeout: patienceMs };
    const sent = request({ ...options, rejectUnauthorized: false }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`not a word for ${patienceMs} ms`)));
    sent.on('error', reject);
    sent.end();
  });
  const { socket } = response;
  if (!(socket instanceof TLSSocket)) throw new Error('no TLS was spoken');
  // Gone with the connection.
  const certificate = socket.getPeerCertificate();
  let body = '';
  response.setEncoding('utf8');
  for await (const text of response) body += text;
  return { status: response.statusCode ?? 0, body, certificate };
}
