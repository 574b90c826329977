import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TestContext } from 'node:test';

/** An upstream that speaks HTTP/2 without TLS, and ends with the test. */
export interface Http2Upstream {
  readonly server: Http2Server;
  readonly port: number;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
}

/** `fields` are as they came: names and values take turns. */
export async function startHttp2Upstream(
  t: TestContext,
  onStream: (stream: ServerHttp2Stream, fields: readonly string[]) => void,
): Promise<Http2Upstream> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, ...[, , fields]: readonly [unknown, number, readonly string[]]) => {
    stream.on('error', () => undefined);
    onStream(stream, fields);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const address = server.address();
  return { server, sessions, port: typeof address === 'object' && address ? address.port : 0 };
}
