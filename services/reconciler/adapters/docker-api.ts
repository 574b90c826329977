import type { Readable } from 'node:stream';
import { markPoint, RetryableError } from '@kedge/shared/kernel';
import Docker from 'dockerode';
import { z } from 'zod';
import { changePoint } from './change-point.ts';
import { engineError, engineTimeout } from './docker-errors.ts';

/** One call to the engine's HTTP API, in the words of its reference. */
export interface DockerCall {
  /** Completes the sentence "the container engine was asked to …". */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | object>>;
  readonly body?: object;
  /** Sent as `X-Registry-Auth`. */
  readonly auth?: Readonly<Record<string, string>>;
  /** From the first byte sent to the last one read; default 10 s. */
  readonly timeoutMs?: number;
  /** The time counts from the last piece that was read, for answers that last as long as they need. */
  readonly isPatient?: boolean;
}

/** The engine's API: every call is bounded, ends when its time is over, and rejects with Kedge's errors only. */
export interface DockerApi {
  send<Schema extends z.ZodType>(call: DockerCall, answer: Schema): Promise<z.infer<Schema>>;
  /** Reads an answer that comes in pieces, to its end, within the bound of the call. */
  read<Result>(call: DockerCall, reader: (answer: AsyncIterable<Uint8Array>) => Promise<Result>): Promise<Result>;
  /** Opens an answer that goes on until `signal` is aborted; the bound counts until it began. */
  open(call: DockerCall, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

const defaultTimeoutMs = 10_000;
const accepted = { 200: true, 201: true, 204: true };

/** For calls whose answer says nothing that we use. */
export const anyAnswer = z.unknown();

/**
 * Speaks through dockerode's transport rather than its methods: `createContainer` and `createNetwork` repeat their whole body, with the
 * values of secrets in it, in the URL; several methods cannot be aborted; and `logs` takes output that looks like JSON for an answer.
 */
export function createDockerApi({ socketPath }: { readonly socketPath: string }): DockerApi {
  // An empty host keeps DOCKER_HOST of the environment from winning over the socket.
  const { modem } = new Docker({ socketPath, host: '', protocol: 'http' });

  function dial(
    { method, path, query = {}, body = {}, auth }: DockerCall,
    { isStream, signal }: { isStream: boolean; signal: AbortSignal },
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      modem.dial(
        {
          method,
          path: `${path}?`,
          options: { _query: query, _body: body },
          isStream,
          abortSignal: signal,
          statusCodes: accepted,
          ...(auth ? { authconfig: auth } : {}),
        },
        (error, answer) => (error ? reject(error) : resolve(answer)),
      );
    });
  }

  async function openStream(call: DockerCall, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return (await dial(call, { isStream: true, signal })) as Readable;
  }

  return {
    async send(call, answer) {
      const point = changePoint(call);
      if (point !== null) markPoint(`${point}:before`);
      const got = await bounded(call, (signal) => dial(call, { isStream: false, signal }));
      if (point !== null) markPoint(`${point}:after`);
      const parsed = answer.safeParse(got);
      if (parsed.success) return parsed.data;
      throw new RetryableError(
        'ENGINE_ERROR',
        `the container engine was asked to ${call.what} and answered something else than its API promises`,
        {
          details: { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) },
        },
      );
    },

    read: (call, reader) =>
      bounded(call, async (signal, restart) => {
        const pieces = await openStream(call, signal);
        return await reader(call.isPatient ? onEach(pieces, restart) : pieces);
      }),

    async open(call, signal) {
      const ended = new AbortController();
      const stop = () => ended.abort();
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      const pieces = await bounded(call, (expired) => {
        expired.addEventListener('abort', stop, { once: true });
        return openStream(call, ended.signal);
      });
      return withEngineErrors(call, pieces);
    },
  };
}

async function* withEngineErrors({ what }: DockerCall, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (thrown) {
    throw engineError(what, thrown);
  }
}

async function* onEach(pieces: AsyncIterable<Uint8Array>, seen: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    seen();
    yield piece;
  }
}

/** Runs `work` until the call's time is over: then the signal is aborted, and the call rejects even when nobody listens to the signal. */
async function bounded<Result>(
  { what, timeoutMs = defaultTimeoutMs }: DockerCall,
  work: (signal: AbortSignal, restart: () => void) => Promise<Result>,
): Promise<Result> {
  const expired = new AbortController();
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(engineTimeout(what, timeoutMs));
    expired.abort();
  }, timeoutMs);
  try {
    return await Promise.race([work(expired.signal, () => void timer.refresh()), timeout]);
  } catch (thrown) {
    throw engineError(what, thrown);
  } finally {
    clearTimeout(timer);
  }
}
