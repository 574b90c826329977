import { type Agent, type IncomingMessage, request } from 'node:http';

export interface Call {
  readonly port: number;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly agent: Agent | false;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than anything may be held: a request without a word for so long is as good as lost. */
export const patienceMs = 120_000;

/** One request; resolves when its answer begins. */
export async function open({ port, host, method, path, agent, body, headers = {} }: Call): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {};
    const options = { host: '127.0.0.1', port, method, path, agent, headers: { host, ...length, ...headers }, timeout: patienceMs };
    const sent = request(options, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`not a word for ${patienceMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
