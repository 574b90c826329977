import { createHash, randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as timer } from 'node:timers/promises';
import { WebSocket } from 'ws';

interface LoadOptions {
  readonly port: number;
  readonly host: string;
  /** Every body that a plain answer may have. */
  readonly versions: readonly string[];
  /** How long the answer takes that is always in flight. */
  readonly slowMs?: number;
}

/** What the clients saw. A failure is a request without a complete, expected answer; nothing is ever retried. */
export interface LoadReport {
  readonly requests: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
  /** First time each version was served, by `performance.now()`. */
  readonly firstSeenAt: ReadonlyMap<string, number>;
  /** Endless streams that ended in good order and were opened again. */
  readonly reopened: Readonly<Record<string, number>>;
}

/** Mixed load: keep-alive, fresh connections, POSTs with bodies, a slow answer always in flight, one WebSocket, one SSE stream. */
export function startLoad({ port, host, versions, slowMs = 5_000 }: LoadOptions): {
  readonly report: LoadReport;
  stop(): Promise<LoadReport>;
} {
  const requests: Record<string, number> = {};
  const seen: Record<string, number> = {};
  const reopened: Record<string, number> = {};
  const failures: string[] = [];
  const firstSeenAt = new Map<string, number>();
  const stopping = new AbortController();
  const report = { requests, versions: seen, failures, firstSeenAt, reopened };

  const count = (what: string) => {
    requests[what] = (requests[what] ?? 0) + 1;
  };
  const sawVersion = (version: string) => {
    seen[version] = (seen[version] ?? 0) + 1;
    if (!firstSeenAt.has(version)) firstSeenAt.set(version, performance.now());
    return versions.includes(version);
  };

  async function repeat(what: string, pauseMs: number, once: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await once();
      } catch (thrown) {
        failures.push(`${new Date().toISOString()} ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
      count(what);
      if (pauseMs > 0) await timer(pauseMs);
    }
  }

  async function get(path: string, agent: Agent | false): Promise<string> {
    const { status, body } = await send({ port, host, method: 'GET', path, agent });
    if (status !== 200) throw new Error(`GET ${path} answered ${status} ${body.slice(0, 100)}`);
    return body;
  }

  const agents = Array.from({ length: 4 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const clients = [
    ...agents.map((agent) => repeat('keep-alive', 3, async () => expectVersion(await get('/', agent)))),
    ...[1, 2].map(() => repeat('fresh', 5, async () => expectVersion(await get('/', false)))),
    ...[1, 2].map((index) => repeat('post', 5, async () => await postOnce(index === 1 ? false : (agents[0] ?? false)))),
    repeat('slow', 0, async () => {
      const body = await get(`/slow?ms=${slowMs}`, false);
      if (!versions.some((version) => body === `slow ${version}`)) throw new Error(`a slow answer said ${body}`);
    }),
    repeat('events', 0, async () => await listenOnce()),
    repeat('websocket', 0, async () => await talkOnce()),
  ];

  function expectVersion(body: string): void {
    if (!sawVersion(body)) throw new Error(`an answer said ${JSON.stringify(body.slice(0, 100))}`);
  }

  async function postOnce(agent: Agent | false): Promise<void> {
    const sent = randomBytes(1 + Math.floor(Math.random() * 200_000));
    const { status, body } = await send({ port, host, method: 'POST', path: '/echo', agent, body: sent });
    const expected = `${sent.length} ${createHash('sha256').update(sent).digest('hex')}`;
    if (status !== 200 || body !== expected) throw new Error(`POST of ${sent.length} bytes answered ${status} ${body.slice(0, 100)}`);
  }

  /** One stream, from its first event to its good-bye. */
  async function listenOnce(): Promise<void> {
    const response = await open({ port, host, method: 'GET', path: '/events', agent: false });
    let text = '';
    const ended = () => text.includes('data: bye');
    stopping.signal.addEventListener('abort', () => response.destroy(), { once: true });
    try {
      for await (const chunk of response) text = (text + String(chunk)).slice(-1_000);
    } catch (thrown) {
      if (stopping.signal.aborted) return;
      throw thrown;
    }
    if (!ended() && !stopping.signal.aborted) throw new Error('the event stream ended without its good-bye');
    reopened.events = (reopened.events ?? 0) + 1;
  }

  /** One WebSocket: says something, waits for the echo, again; until the other side says good-bye. */
  async function talkOnce(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { host } });
    const closed = new Promise<number>((resolve, reject) => {
      socket.on('close', (code) => resolve(code));
      socket.on('error', reject);
    });
    let waitingFor: string | null = null;
    let said = 0;
    const speak = () => {
      waitingFor = `message ${said}`;
      said += 1;
      socket.send(waitingFor);
    };
    socket.on('open', speak);
    socket.on('message', (data) => {
      if (String(data) !== waitingFor) failures.push(`websocket: sent ${waitingFor}, got ${String(data)}`);
      count('websocket message');
      waitingFor = null;
      setTimeout(() => socket.readyState === WebSocket.OPEN && speak(), 50);
    });
    stopping.signal.addEventListener('abort', () => socket.close(1000), { once: true });
    const code = await closed;
    if (stopping.signal.aborted) return;
    if (code !== 1001 && code !== 1012) throw new Error(`the WebSocket closed with ${code}`);
    reopened.websocket = (reopened.websocket ?? 0) + 1;
  }

  return {
    report,
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
      return report;
    },
  };
}

interface Call {
  readonly port: number;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly agent: Agent | false;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request; resolves when its answer is complete. */
export async function send(
  call: Call,
): Promise<{ readonly status: number; readonly body: string; readonly headers: IncomingMessage['headers'] }> {
  const response = await open(call);
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) body += String(chunk);
  if (!response.complete) throw new Error('the answer was cut off');
  return { status: response.statusCode ?? 0, body, headers: response.headers };
}

async function open({ port, host, method, path, agent, body, headers = {} }: Call): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {};
    const sent = request({ host: '127.0.0.1', port, method, path, agent, headers: { host, ...length, ...headers } }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}
