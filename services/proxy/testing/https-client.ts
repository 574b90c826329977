import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';

interface Question {
  readonly port: number;
  readonly host?: string;
  readonly path?: string;
}

/** An answer by HTTPS, whoever signed the certificate. */
export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks once, on a connection of its own. */
export async function askHttps({ port, host = 'web.test', path = '/' }: Question): Promise<HttpsAnswer> {
  const agent = new Agent({ rejectUnauthorized: false, servername: host });
  return await new Promise((resolve, reject) => {
    const sending = request({ port, host: '127.0.0.1', path, headers: { Host: host }, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end();
  });
}

/** A connection on which TLS is agreed on, and HTTP/1.1 where nothing else is offered. Without a host none is named. */
export async function connectTls(port: number, host?: string, offers: readonly string[] = ['http/1.1']): Promise<TLSSocket> {
  return await new Promise((resolve, reject) => {
    const named = host === undefined ? {} : { servername: host };
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [...offers], ...named });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What is shown to a client: whose it is, who signed it, and which one it is. */
export async function shownCertificate(port: number, host?: string): Promise<ShownCertificate> {
  const socket = await connectTls(port, host, ['h2', 'http/1.1']);
  const { subject, issuer, subjectaltname = '', fingerprint256 } = socket.getPeerCertificate();
  const protocol = socket.alpnProtocol;
  socket.destroy();
  return { subject: String(subject.CN), issuer: String(issuer.CN), names: subjectaltname, fingerprint: fingerprint256, protocol };
}

interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly fingerprint: string;
  readonly protocol: string | false | null;
}
