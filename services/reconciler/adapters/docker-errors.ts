import { Buffer } from 'node:buffer';
import { KedgeError, RetryableError, TerminalError } from '@kedge/shared/kernel';
import { portTakenMessage } from '../core/port-conflict.ts';

/**
 * The error for whatever a call to the engine rejected with. `what` completes the sentence "was asked to …".
 * What is no answer and no broken connection is a mistake of ours and stays as it is.
 */
export function engineError(what: string, thrown: unknown): unknown {
  if (thrown instanceof KedgeError || !(thrown instanceof Error)) return thrown;
  const status = 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : null;
  if (status !== null) return answeredError(what, status, engineSentence(thrown));
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return isTransportCode(code) ? unreachable(what, code, thrown) : thrown;
}

/** The engine took longer than it may. */
export function engineTimeout(what: string, timeoutMs: number): RetryableError {
  return new RetryableError('ENGINE_UNREACHABLE', `the container engine was asked to ${what} and did not finish within ${timeoutMs} ms`, {
    details: { timeoutMs },
  });
}

/** Resolves to `instead` when the engine answered with one of `statuses`: an outcome that the caller expects. */
export async function unlessStatus<Answer, Otherwise>(
  answer: Promise<Answer>,
  { statuses, instead }: { readonly statuses: readonly number[]; readonly instead: Otherwise },
): Promise<Answer | Otherwise> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof KedgeError && statuses.some((status) => thrown.details.status === status)) return instead;
    throw thrown;
  }
}

const transportCodes = new Set([
  'ABORT_ERR',
  'EACCES',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTSOCK',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

/** Answers that another pass can mend, told apart from refusals that it cannot. */
const mendable = [
  { status: 403, pattern: /address already in use/i, code: 'ADDRESS_TAKEN' },
  { status: 403, pattern: /already exists in network/i, code: 'ENDPOINT_TAKEN' },
  { status: 403, pattern: /pool overlaps/i, code: 'SUBNET_TAKEN' },
  // Two networks that are made at the same moment.
  { status: 500, pattern: /failed to allocate gateway .*already in use/i, code: 'SUBNET_TAKEN' },
  { status: 404, pattern: /no such image/i, code: 'IMAGE_MISSING' },
  { status: 404, pattern: /network .*not found/i, code: 'NETWORK_MISSING' },
  { status: 404, pattern: /no such container/i, code: 'CONTAINER_GONE' },
] as const;

function answeredError(what: string, status: number, sentence: string): KedgeError {
  const details = { status, sentence };
  const port = status >= 500 ? takenPort(sentence) : null;
  if (port !== null) return new RetryableError('PORT_TAKEN', portTakenMessage(port, null), { details: { status, sentence } });
  const message = `the container engine ${status >= 500 ? 'failed' : 'refused'} to ${what}: ${sentence}`;
  const known = mendable.find((each) => each.status === status && each.pattern.test(sentence));
  if (known) return new RetryableError(known.code, message, { details });
  return status >= 500
    ? new RetryableError('ENGINE_ERROR', message, { details })
    : new TerminalError('ENGINE_REFUSED', message, { details });
}

/** `Bind for 0.0.0.0:80 failed: port is already allocated`, or `failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use`. */
const portRefusals = [
  /bind for \S*?:(?<host>\d+)(?:\/(?<protocol>tcp|udp))? failed: port is already allocated/i,
  /bind host port(?: for)? (?:\[[^\]]*\]|[\d.]*):(?<host>\d+)(?:\S*?\/(?<protocol>tcp|udp))?\S*:? .*address already in use/i,
  /listen (?<protocol>tcp|udp)[46]? \S*:(?<host>\d+): bind: address already in use/i,
];

/** The port of the host that the engine could not publish, because somebody else has it. */
function takenPort(sentence: string): { readonly host: number; readonly protocol: 'tcp' | 'udp' } | null {
  for (const pattern of portRefusals) {
    const { host, protocol } = pattern.exec(sentence)?.groups ?? {};
    if (host !== undefined) return { host: Number(host), protocol: protocol === 'udp' ? 'udp' : 'tcp' };
  }
  return null;
}

function unreachable(what: string, code: string, cause: Error): RetryableError {
  return new RetryableError(
    'ENGINE_UNREACHABLE',
    `the container engine was asked to ${what} and did not answer (${code}); check that it runs and that its socket is mounted and readable`,
    { details: { code }, cause },
  );
}

/** HPE_*: something answered that does not speak HTTP. */
function isTransportCode(code: string): boolean {
  return transportCodes.has(code) || code.startsWith('HPE_');
}

/** The engine's own words: `{ "message": … }`, or the text as it came. */
function engineSentence(thrown: Error): string {
  const answer = 'json' in thrown ? thrown.json : null;
  if (typeof answer === 'object' && answer !== null && 'message' in answer && typeof answer.message === 'string')
    return answer.message.trim();
  if (Buffer.isBuffer(answer)) return answer.toString('utf8').trim() || 'no reason given';
  // An answer in pieces leaves only the transport's message, with the sentence at its end.
  return thrown.message.replace(/^\(HTTP code \d+\) .*? - /s, '').trim();
}
