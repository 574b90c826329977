import { Agent, request } from 'node:http';
import { setTimeout as timer } from 'node:timers/promises';

interface NameLoadOptions {
  readonly port: number;
  readonly host: string;
  /** Every body that is an answer of the service. */
  readonly own: readonly string[];
}

/** What became of the requests, and when nobody answered. */
export interface NameReport {
  /** By outcome: `answered`, a status, or how the connection failed. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Complete good answers of somebody else. */
  readonly foreign: readonly string[];
  /** The longest time without an answer. */
  readonly longestSilenceMs: number;
}

/** After this long without an answer nobody is going to give one: where a machine lost its power nobody says so. */
const patienceMs = 5_000;

/**
 * Load on a service that may go away: an answer may fail to come, but one that comes has to be its own. Fresh connections and kept ones,
 * because a kept one may lead to an address that has changed hands.
 */
export function startNameLoad({ port, host, own }: NameLoadOptions): { readonly report: NameReport; stop(): Promise<NameReport> } {
  const outcomes: Record<string, number> = {};
  const foreign: string[] = [];
  const report = { outcomes, foreign, longestSilenceMs: 0 };
  const stopping = new AbortController();
  const kept = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: true, maxSockets: 1 })];
  let answeredAt = performance.now();

  function note(outcome: string): void {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }

  async function once(agent: Agent | false): Promise<void> {
    const { status, body } = await ask({ port, host, agent });
    if (status !== 200) return note(String(status));
    if (!own.includes(body)) {
      foreign.push(`${new Date().toISOString()} ${host}: ${body.slice(0, 100)}`);
      return note('foreign');
    }
    note('answered');
    const now = performance.now();
    report.longestSilenceMs = Math.max(report.longestSilenceMs, Math.round(now - answeredAt));
    answeredAt = now;
  }

  async function repeat(agent: Agent | false): Promise<void> {
    while (!stopping.signal.aborted) {
      await once(agent).catch((thrown: NodeJS.ErrnoException) => note(thrown.code ?? thrown.message));
      await timer(10);
    }
  }

  const clients = [...kept, false, false].map((agent) => repeat(agent as Agent | false));
  return {
    report,
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      for (const agent of kept) agent.destroy();
      return report;
    },
  };
}

interface Question {
  readonly port: number;
  readonly host: string;
  readonly agent: Agent | false;
}

async function ask({ port, host, agent }: Question): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly body: string }>();
  const signal = AbortSignal.timeout(patienceMs);
  const sent = request({ host: '127.0.0.1', port, path: '/', agent, headers: { host }, signal }, (answer) => {
    let body = '';
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      body += text;
    });
    answer.on('error', reject);
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
  });
  sent.on('error', reject);
  sent.end();
  return await promise;
}
