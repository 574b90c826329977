import { Buffer } from 'node:buffer';
import { RetryableError } from '@kedge/shared/kernel';

/** The whole exchange. */
const mostMs = 5_000;
/** A secret has up to 64 KiB; in base64, and with what is around it, less than this. */
const mostBytes = 256 * 1024;

interface Question {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** A form to post; absent: the question is a GET. */
  readonly form?: Readonly<Record<string, string>>;
}

/** Any answer that is no reason to come back later. */
export interface JsonAnswer {
  readonly status: number;
  /** Null when it is no JSON. */
  readonly body: unknown;
}

/**
 * One question to Google, bounded in time and size. Redirects are followed by nobody: what proves who we are goes along.
 * @throws {RetryableError} SECRET_SOURCE_UNREACHABLE when there is no answer, or one that says to come back later
 */
export async function askGoogle({ url, headers, form }: Question): Promise<JsonAnswer> {
  const { status, text } = await exchange({ url, headers, ...(form && { form }) });
  if (status === 429 || status >= 500) throw unreachable(url, `it answered ${status}`);
  return { status, body: parseJson(text) };
}

async function exchange({ url, headers, form }: Question): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(mostMs),
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    return { status: response.status, text: await readText(response) };
  } catch (thrown) {
    throw unreachable(url, reasonOf(thrown));
  }
}

/** Without the answer: a value could stand in it. */
export function unreachable({ host }: URL, reason: string): RetryableError {
  return new RetryableError(
    'SECRET_SOURCE_UNREACHABLE',
    `the secret source at ${host} cannot tell its values: ${reason}; it is asked again, and what runs goes on`,
    { details: { host } },
  );
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > mostBytes) throw new TooLong(`the answer is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

class TooLong extends Error {}

/** The code that the system or the TLS library gave; the same fault always reads the same. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof TooLong) return thrown.message;
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return 'no answer in time';
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return 'the connection broke';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
