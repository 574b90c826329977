import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { TestContext } from 'node:test';

/** A connection by TLS and HTTP/2 that ends with the test, whoever signed the certificate. */
export async function connectHttp2(t: TestContext, port: number, host = 'web.test'): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, servername: host });
  t.after(() => session.destroy());
  session.on('error', () => undefined);
  return await new Promise((resolve, reject) => {
    session.once('connect', () => resolve(session));
    session.once('error', reject);
  });
}

interface Http2Question {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** Names and values take turns. */
  readonly headers?: readonly string[];
  /** Written, and then ended. Undefined: no body. */
  readonly body?: string | Buffer;
  readonly trailers?: Readonly<Record<string, string>>;
  /** In the place of all that; names and values take turns. */
  readonly fields?: readonly string[];
}

/** An answer as it came, complete or broken off. */
export interface Http2Answer {
  readonly status: number;
  /** Names and values take turns. */
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly informed: readonly number[];
  /** How its stream ended: 0 for well. */
  readonly code: number;
}

/** Opens a stream; who asks writes and ends it. */
export function openStream(session: ClientHttp2Session, question: Http2Question = {}): ClientHttp2Stream {
  const { method = 'GET', path = '/', host = 'web.test', headers = [], body, trailers } = question;
  const fields = question.fields ?? [':method', method, ':scheme', 'https', ':path', path, ':authority', host, ...headers];
  return session.request([...fields], { endStream: body === undefined && trailers === undefined, waitForTrailers: trailers !== undefined });
}

/** Asks once. */
export async function askHttp2(session: ClientHttp2Session, question: Http2Question = {}): Promise<Http2Answer> {
  const stream = openStream(session, question);
  const { trailers } = question;
  if (trailers) stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  const answer = hear(stream);
  if (question.body !== undefined || trailers) stream.end(question.body);
  return await answer;
}

/** Resolves when the stream closed. */
export async function hear(stream: ClientHttp2Stream): Promise<Http2Answer> {
  let status = 0;
  let fields: readonly string[] = [];
  let trailers: readonly string[] = [];
  let body = '';
  const informed: number[] = [];
  return await new Promise((resolve) => {
    stream.on('headers', (head) => informed.push(Number(head[':status'])));
    stream.on('response', (head, _flags, raw) => {
      status = Number(head[':status']);
      fields = raw;
    });
    stream.on('trailers', (_head: unknown, _flags: unknown, raw: readonly string[]) => {
      trailers = raw;
    });
    stream.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
    });
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ status, fields, body, trailers, informed, code: stream.rstCode ?? constants.NGHTTP2_NO_ERROR }));
  });
}
