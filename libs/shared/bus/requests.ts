import { headers, type Msg, TimeoutError } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type DataOf, type ReplyOf, type RequestSubject, subjects } from '../contracts/index.ts';
import { errorCode, errorMessage, markPoint, RetryableError, TerminalError } from '../kernel/index.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { decodeTolerantly, encodeStrictly } from './codec.ts';
import { assertFits } from './limits.ts';

const errorCodeHeader = 'Kedge-Error-Code';
const RemoteError = z.object({ message: z.string(), retryable: z.boolean() });

/** A request as it arrives. */
type Question = Pick<Msg, 'data' | 'respond'>;

/** An answer as it arrives. */
type Reply = Pick<Msg, 'data' | 'headers'>;

/** As much of a link as asking needs. */
interface AskingLink {
  readonly connection: { request(subject: string, bytes: Uint8Array, options: { readonly timeout: number }): Promise<Reply> };
}

interface RequestsOptions {
  readonly connection: { during<Result>(call: (link: AskingLink) => Promise<Result>): Promise<Result> };
  readonly subscribe: (subject: string, callback: (message: Question) => void, queue: string) => unknown;
  readonly metrics: BusMetrics;
  readonly log: Logger;
}

interface Asked<Name extends RequestSubject> {
  readonly subject: Name;
  readonly message: Question;
  readonly answer: (data: DataOf<Name>) => Promise<ReplyOf<Name>>;
}

/** Questions and answers, checked on both sides; errors travel back as a code and a message. */
export function createRequests({ connection, subscribe, metrics, log }: RequestsOptions) {
  async function request<Name extends RequestSubject>(
    subject: Name,
    data: DataOf<Name>,
    { timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<ReplyOf<Name>> {
    const contract = subjects[subject];
    const bytes = encodeStrictly(data, { schema: contract.data, what: subject });
    const message = await connection.during(
      async (link) =>
        await link.connection.request(subject, bytes, { timeout: timeoutMs }).catch((cause: unknown) => {
          throw unanswered(subject, { owner: contract.owner, timeoutMs, cause });
        }),
    );
    const code = message.headers?.get(errorCodeHeader) ?? '';
    if (code !== '') throw remoteError(code, message);
    const reply = decodeTolerantly(contract.reply, message.data);
    if (!reply.ok) throw new RetryableError('REPLY_INVALID', `the answer to ${subject} does not fit its contract: ${reply.reason}`);
    return reply.value as ReplyOf<Name>;
  }

  function serve<Name extends RequestSubject>(subject: Name, answer: (data: DataOf<Name>) => Promise<ReplyOf<Name>>): void {
    subscribe(subject, (message) => void respond({ subject, message, answer }), subjects[subject].owner);
  }

  async function respond<Name extends RequestSubject>(asked: Asked<Name>): Promise<void> {
    const { subject, message } = asked;
    const [bytes, options] = await answerTo(asked);
    try {
      message.respond(bytes, options);
    } catch (thrown) {
      // Closed meanwhile: whoever asked hears nothing any more, and asks again.
      log.warn({ subject, reason: errorMessage(thrown) }, 'an answer could not be sent');
    }
  }

  async function answerTo<Name extends RequestSubject>({ subject, message, answer }: Asked<Name>): Promise<Parameters<Msg['respond']>> {
    const contract = subjects[subject];
    try {
      const asked = decodeTolerantly(contract.data, message.data);
      if (!asked.ok) {
        metrics.rejected.inc({ subject });
        throw new TerminalError('REQUEST_INVALID', `the request does not fit its contract: ${asked.reason}`);
      }
      markPoint(`asked.${subject}`);
      const reply = await answer(asked.value as DataOf<Name>);
      const what = `the answer to ${subject}`;
      const bytes = encodeStrictly(reply, { schema: contract.reply, what });
      assertFits(bytes, { what });
      return [bytes];
    } catch (thrown) {
      log.warn({ subject, code: errorCode(thrown), reason: errorMessage(thrown) }, 'request refused');
      const head = headers();
      head.set(errorCodeHeader, errorCode(thrown));
      return [JSON.stringify({ message: errorMessage(thrown), retryable: thrown instanceof RetryableError }), { headers: head }];
    }
  }

  return { request, serve };
}

interface Unanswered {
  readonly owner: string;
  readonly timeoutMs: number;
  readonly cause: unknown;
}

function unanswered(subject: RequestSubject, { owner, timeoutMs, cause }: Unanswered): RetryableError {
  const why = cause instanceof TimeoutError ? ` within ${timeoutMs / 1_000} s` : `: ${errorMessage(cause)}`;
  return new RetryableError('REQUEST_UNANSWERED', `${owner} did not answer ${subject}${why}`, { cause });
}

function remoteError(code: string, { data }: Reply): Error {
  const body = decodeTolerantly(RemoteError, data);
  if (!body.ok) return new RetryableError(code, 'the request was refused without a reason');
  const { message, retryable } = body.value;
  return retryable ? new RetryableError(code, message) : new TerminalError(code, message);
}
