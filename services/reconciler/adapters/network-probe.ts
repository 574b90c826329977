import { request } from 'node:http';
import { connect } from 'node:net';
import type { GateProbe, ProbeAnswer } from '../ports.ts';

/** Probes over the network that this process sees; each attempt is a connection of its own, as a first visitor's would be. */
export function createNetworkProbe(): GateProbe {
  return {
    http({ address, port, path, timeoutMs }) {
      const what = `GET http://${address}:${port}${path}`;
      return bounded(what, timeoutMs, (signal, answer) => {
        const options = { host: address, port, path, agent: false, signal, headers: { 'user-agent': 'kedge-gate', connection: 'close' } };
        const asked = request(options, (response) => {
          const status = response.statusCode ?? 0;
          answer({ ok: status >= 200 && status <= 399, message: `${what} answered ${status}` });
          // The body says nothing more, and some never end.
          response.destroy();
        });
        asked.on('error', (error) => answer({ ok: false, message: failure(what, `${address}:${port}`, error) }));
        asked.end();
      });
    },

    tcp({ address, port, timeoutMs }) {
      const peer = `${address}:${port}`;
      return bounded(`connecting to ${peer}`, timeoutMs, (signal, answer) => {
        const socket = connect({ host: address, port, signal });
        socket.on('connect', () => {
          answer({ ok: true, message: `${peer} accepts connections` });
          socket.destroy();
        });
        socket.on('error', (error) => answer({ ok: false, message: failure(`connecting to ${peer}`, peer, error) }));
      });
    },
  };
}

/** The first answer counts; when the time is over the attempt is ended, whatever state it is in. */
async function bounded(
  what: string,
  timeoutMs: number,
  attempt: (signal: AbortSignal, answer: (answer: ProbeAnswer) => void) => void,
): Promise<ProbeAnswer> {
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const expired = new AbortController();
  const timer = setTimeout(() => {
    resolve({ ok: false, message: `${what} had no answer within ${timeoutMs} ms` });
    expired.abort();
  }, timeoutMs);
  attempt(expired.signal, resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function failure(what: string, peer: string, error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNREFUSED') return `connection refused by ${peer}`;
  if (code === 'ECONNRESET') return `connection reset by ${peer}`;
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return `${peer} is not reachable (${code})`;
  return `${what} failed: ${error.message}`;
}
