import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** The head of an answer, and a body that is still to be read. */
export interface UnreadResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array> | null;
}

interface UnverifiedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** As `fetch` without following redirects, with TLS whose certificate nobody looks at: Node's own `fetch` cannot be told so for one host. */
export async function fetchUnverified(url: URL, { method, headers, body, signal }: UnverifiedRequest): Promise<UnreadResponse> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpsRequest(url, { method, headers, signal, rejectUnauthorized: false });
    request.on('response', resolve).on('error', reject).end(body);
  });
  const found = Object.entries(message.headersDistinct).map(([name, values = []]): [string, string] => [name, values.join(', ')]);
  return { status: message.statusCode ?? 0, headers: new Headers(found), body: message };
}
