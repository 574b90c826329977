import { createHash, randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage } from 'node:http';
import { setTimeout as timer } from 'node:timers/promises';
import { listenOnce, talkOnce } from './endless-streams.ts';
import { type Call, open, patienceMs } from './open.ts';

interface LoadOptions {
  readonly port: number;
  readonly host: string;
  /** Every body that a plain answer may have. */
  readonly versions: readonly string[];
  /** How long the answer takes that is always in flight. */
  readonly slowMs?: number;
  /** How long an open WebSocket or stream of events may say nothing. Default: as long as any request. */
  readonly silenceMs?: number;
}

/** A request without a complete, expected answer. */
export interface Loss {
  /** The kind of request. */
  readonly what: string;
  /** When it was begun, in milliseconds since the epoch. */
  readonly beganAtMs: number;
}

/** What the clients saw. A failure is a request without a complete, expected answer; nothing is ever retried. */
export interface LoadReport {
  readonly requests: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
  /** The same requests, in the same order. */
  readonly losses: readonly Loss[];
  /** First time each version was served, by `performance.now()`. */
  readonly firstSeenAt: ReadonlyMap<string, number>;
  /** Endless streams that ended in good order and were opened again. */
  readonly reopened: Readonly<Record<string, number>>;
}

/** Mixed load: keep-alive, fresh connections, POSTs with bodies, a slow answer always in flight, one WebSocket, one SSE stream. */
export function startLoad({ port, host, versions, slowMs = 5_000, silenceMs = patienceMs }: LoadOptions): {
  readonly report: LoadReport;
  stop(): Promise<LoadReport>;
} {
  const requests: Record<string, number> = {};
  const seen: Record<string, number> = {};
  const reopened: Record<string, number> = {};
  const failures: string[] = [];
  const losses: Loss[] = [];
  const firstSeenAt = new Map<string, number>();
  const stopping = new AbortController();
  const report = { requests, versions: seen, failures, losses, firstSeenAt, reopened };

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
      const beganAtMs = Date.now();
      try {
        await once();
      } catch (thrown) {
        failures.push(`${new Date().toISOString()} ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        losses.push({ what, beganAtMs });
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
    repeat('events', 0, async () => await untilGoodBye('events', 'event', listenOnce)),
    repeat('websocket', 0, async () => await untilGoodBye('websocket', 'websocket message', talkOnce)),
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

  /** One endless stream, each of whose messages counts. */
  async function untilGoodBye(what: string, message: string, follow: typeof listenOnce): Promise<void> {
    await follow({ port, host, versions, silenceMs, signal: stopping.signal, onHeard: () => count(message) });
    if (!stopping.signal.aborted) reopened[what] = (reopened[what] ?? 0) + 1;
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
