import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** A complete answer; a broken one rejects. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

interface Question {
  readonly port: number;
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** Asks once and never again: whatever goes wrong is an error. Without an agent on a connection of its own. */
export async function ask(question: Question): Promise<Answer> {
  const response = await open(question);
  let body = '';
  response.setEncoding('utf8');
  for await (const text of response) body += text;
  return { status: response.statusCode ?? 0, headers: response.headers, body, trailers: response.trailers };
}

/** Asks, and resolves as soon as the head of the answer is there. */
export async function open({
  port,
  host = 'web.test',
  path = '/',
  method = 'GET',
  headers = {},
  body,
  agent = new Agent(),
}: Question): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const sending = request({ port, host: '127.0.0.1', path, method, headers: { Host: host, ...headers }, agent });
    sending.on('response', resolve);
    sending.on('error', reject);
    sending.end(body);
  });
}
