import { headers, type Msg, NoRespondersError, RequestError } from '@nats-io/transport-node';
import { z } from 'zod';
import { type BucketName, epochKey, eventStream, type Identity } from '../contracts/index.ts';
import { errorMessage } from '../kernel/index.ts';
import type { Connection } from './connection.ts';
import { jetStreamPrefix, type Link } from './link.ts';
import { accessTable } from './setup/access.ts';

/** Why something on the bus cannot be used. `missing`: nobody made it; `refused`: this identity may not; `silent`: no sensible answer. */
export interface AccessProblem {
  readonly kind: 'missing' | 'refused' | 'silent';
  readonly message: string;
}

/** What came of trying a bucket that this identity reads or writes; null: it works. */
export interface BucketTrial {
  readonly bucket: BucketName;
  readonly use: 'read' | 'write';
  readonly problem: AccessProblem | null;
}

/** The durable consumer of this identity. */
export type DurableState =
  | {
      readonly kind: 'there';
      /** Commands that nobody has taken yet. */
      readonly waiting: number;
      /** Commands that were taken, and whose effect is not stored yet. */
      readonly underWay: number;
      /** Questions for the next command that are open now: somebody reads. Between two of them there is none for a moment. */
      readonly readers: number;
    }
  | ({ readonly kind: 'unusable' } & { readonly problem: AccessProblem });

interface TrialPorts {
  readonly identity: Identity;
  readonly during: Connection['during'];
}

const patienceMs = 2_000;
/** No value has this revision: a write upon it is refused after everything else was found in order, and changes nothing. */
const impossibleRevision = String(Number.MAX_SAFE_INTEGER);
const wrongLastSequence: readonly number[] = [10_071, 10_164];
const notFound: readonly number[] = [10_014, 10_059];

const ApiAnswer = z.object({ error: z.object({ err_code: z.int().optional(), description: z.string().optional() }).optional() });
const ConsumerAnswer = ApiAnswer.extend({
  num_pending: z.int().optional(),
  num_ack_pending: z.int().optional(),
  num_waiting: z.int().optional(),
});

/** Tries everything of the store that an identity may use, without an effect. */
export function createAccessTrials({ identity, during }: TrialPorts) {
  async function ask(subject: string, conditions: Readonly<Record<string, string>> = {}): Promise<Msg | AccessProblem> {
    const head = headers();
    for (const [name, value] of Object.entries(conditions)) head.set(name, value);
    try {
      return await during(
        async ({ connection }: Link) =>
          await connection.request(`${jetStreamPrefix}.${subject}`, new Uint8Array(), { timeout: patienceMs, headers: head }),
      );
    } catch (thrown) {
      return problemOf(thrown);
    }
  }

  async function read(bucket: BucketName): Promise<AccessProblem | null> {
    const answer = await ask(`DIRECT.GET.KV_${bucket}.${keyOf(bucket, epochKey)}`);
    // Whatever stands there, or nothing: it was looked up.
    return isProblem(answer) ? answer : null;
  }

  async function write(bucket: BucketName): Promise<AccessProblem | null> {
    const answer = await ask(keyOf(bucket, '_trial'), { 'Nats-Expected-Last-Subject-Sequence': impossibleRevision });
    if (isProblem(answer)) return answer;
    const error = parse(ApiAnswer, answer)?.error;
    if (error?.err_code !== undefined && wrongLastSequence.includes(error.err_code)) return null;
    return { kind: 'silent', message: error?.description ?? 'the answer is none of the store' };
  }

  /** Of the common bucket of leases everybody has a part. */
  function keyOf(bucket: BucketName, key: string): string {
    return bucket === 'leases' ? `$KV.leases.${identity}.${key}` : `$KV.${bucket}.${key}`;
  }

  return {
    async tryBuckets(): Promise<readonly BucketTrial[]> {
      const access = accessTable([]).find((each) => each.identity === identity);
      if (!access) return [];
      const leases: readonly BucketName[] = access.leases ? ['leases'] : [];
      const trials = [
        ...[...access.reads, ...leases].map(async (bucket) => ({ bucket, use: 'read', problem: await read(bucket) }) as const),
        ...[...access.writes, ...leases].map(async (bucket) => ({ bucket, use: 'write', problem: await write(bucket) }) as const),
      ];
      return await Promise.all(trials);
    },

    async durable(name: string): Promise<DurableState> {
      const answer = await ask(`CONSUMER.INFO.${eventStream}.${name}`);
      if (isProblem(answer)) return { kind: 'unusable', problem: answer };
      const state = parse(ConsumerAnswer, answer);
      const { err_code: code, description = 'the answer is none of the store' } = state?.error ?? {};
      if (!state || state.error) {
        const kind = code !== undefined && notFound.includes(code) ? 'missing' : 'silent';
        return { kind: 'unusable', problem: { kind, message: description } };
      }
      const { num_pending: waiting = 0, num_ack_pending: underWay = 0, num_waiting: readers = 0 } = state;
      return { kind: 'there', waiting, underWay, readers };
    },
  };
}

function isProblem(answer: Msg | AccessProblem): answer is AccessProblem {
  return 'kind' in answer;
}

function problemOf(thrown: unknown): AccessProblem {
  const message = errorMessage(thrown);
  if (/permissions violation/i.test(message)) return { kind: 'refused', message };
  const isUnserved = thrown instanceof NoRespondersError || (thrown instanceof RequestError && thrown.isNoResponders());
  return isUnserved ? { kind: 'missing', message: 'there is none' } : { kind: 'silent', message };
}

function parse<Schema extends z.ZodType>(schema: Schema, message: Msg): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(message.string())).data ?? null;
  } catch {
    return null;
  }
}
