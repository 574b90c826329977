import { Agent, request as ask, type IncomingMessage } from 'node:http';
import type { Target } from '@kedge/shared/contracts';
import type { AnswerHead } from '../core/answer-head.ts';
import { isForbiddenTrailer } from '../core/header-names.ts';
import type { UpstreamClient } from '../ports.ts';

/** What a client makes of what an upstream said. */
export type Told =
  | {
      readonly kind: 'answer';
      readonly interim: readonly number[];
      readonly status: number;
      /** `name: value` in their order, without those of the connection. */
      readonly headers: readonly string[];
      readonly body: string;
      readonly trailers: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string /** Whether a head was taken before. */; readonly begun: boolean };

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** The client of node:http, on a connection of its own. */
export async function tellByNode(port: number, { method, path }: Asked): Promise<Told> {
  const agent = new Agent({ keepAlive: true });
  const told = await new Promise<Told>((resolve) => {
    const interim: number[] = [];
    let answer: IncomingMessage | null = null;
    let body = '';
    const sent = ask({ host: '127.0.0.1', port, method, path, agent });
    const whole = (response: IncomingMessage) => {
      // What the parser read before it stumbled over what came behind is still to be had.
      while (response.read() !== null);
      const { statusCode: status = 0, rawHeaders, rawTrailers } = response;
      const headers = ofTheEnd(rawHeaders, status);
      resolve({ kind: 'answer', interim, status, headers, body, trailers: trailersOf(rawTrailers) });
    };
    const fail = (error: Error) => {
      if (answer?.complete) whole(answer);
      else resolve({ kind: 'refused', reason: error.message, begun: answer !== null });
    };
    sent.on('information', ({ statusCode }) => void interim.push(statusCode));
    sent.on('response', (response) => {
      answer = response;
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString('latin1');
      });
      response.on('end', () => whole(response));
      response.on('error', fail);
    });
    sent.on('error', fail);
    sent.end();
  });
  agent.destroy();
  return told;
}

/** The client of the proxy. */
export async function tellByProxy(client: UpstreamClient, target: Target, { method, path }: Asked): Promise<Told> {
  return await new Promise<Told>((resolve) => {
    const interim: number[] = [];
    let begun: AnswerHead | null = null;
    let body = '';
    const end = (trailers: readonly string[]) => {
      if (!begun) throw new Error('an end without a beginning');
      const headers = ofTheEnd(begun.headers, begun.status);
      resolve({ kind: 'answer', interim, status: begun.status, headers, body, trailers: trailersOf(trailers) });
    };
    const headers = ['Host', 'web.test'];
    client.send(
      { target, scheme: 'http', method, path, headers, body: 'none', repeatable: true },
      {
        onReady: () => undefined,
        onDrain: () => undefined,
        onInformation: ({ status }) => void interim.push(status),
        onHead(head, whole) {
          begun = head;
          if (whole !== null) {
            body = whole;
            end([]);
          }
        },
        onData(bytes) {
          body += bytes.toString('latin1');
          return true;
        },
        onEnd: end,
        onFailure: ({ kind, reason }) => resolve({ kind: 'refused', reason: `${kind}: ${reason}`, begun: begun !== null }),
      },
    );
  });
}

const ofTheConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'trailer']);

function ofTheEnd(raw: readonly string[], status: number): readonly string[] {
  const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), (raw[index + 1] ?? '').trim()] as const] : []));
  const named = new Set(
    pairs.flatMap(([name, value]) =>
      name === 'connection'
        ? value
            .toLowerCase()
            .split(',')
            .map((part) => part.trim())
        : [],
    ),
  );
  const lines = pairs
    .filter(([name]) => !ofTheConnection.has(name) && !(named.has(name) || (name === 'upgrade' && status !== 426)))
    .filter(([name]) => name !== 'content-length' || (status >= 200 && status !== 204))
    .map(([name, value]) => `${name}: ${value}`);
  // One length said twice is one.
  return lines.filter((line, index) => !line.startsWith('content-length: ') || lines.indexOf(line) === index);
}

function trailersOf(raw: readonly string[]): readonly string[] {
  return raw.flatMap((name, index) => (index % 2 === 0 && !isForbiddenTrailer(name) ? [`${name.toLowerCase()}: ${raw[index + 1]}`] : []));
}
