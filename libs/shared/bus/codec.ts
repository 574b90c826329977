import { z } from 'zod';
import { CloudEvent, type DataOf, type Subject, subjects } from '../contracts/index.ts';
import { sameJson, TerminalError } from '../kernel/index.ts';

/** What came of reading a message: the event, or why it is none. */
export type Parsed<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

interface Contract {
  readonly schema: z.ZodType;
  /** Names the value in the error. */
  readonly what: string;
}

/**
 * Strict out: `value` must fit the schema and hold nothing that the schema does not name.
 * @throws {TerminalError} CONTRACT_VIOLATION
 */
export function encodeStrictly(value: unknown, { schema, what }: Contract): Uint8Array {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  const parsed = schema.safeParse(plain);
  if (!parsed.success) throw new TerminalError('CONTRACT_VIOLATION', `${what} does not fit its contract: ${z.prettifyError(parsed.error)}`);
  if (!sameJson(parsed.data, plain)) throw new TerminalError('CONTRACT_VIOLATION', `${what} holds fields that its contract does not name`);
  return new TextEncoder().encode(JSON.stringify(plain));
}

/** Tolerant in: unknown fields are dropped, anything that does not fit is a reason, never an exception. */
export function decodeTolerantly<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): Parsed<z.infer<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, reason: firstProblem(parsed.error) };
}

/** Reads a CloudEvent whose data fits the catalogue. */
export function decodeEvent<Name extends Subject>(subject: Name, bytes: Uint8Array): Parsed<CloudEvent<DataOf<Name>>> {
  const envelope = decodeTolerantly(CloudEvent, bytes);
  if (!envelope.ok) return envelope;
  return withData(subject, envelope.value);
}

/** Reads a command: a CloudEvent, or bare JSON data, which gets an envelope with `id` and `time`. */
export function decodeCommand<Name extends Subject>(
  subject: Name,
  bytes: Uint8Array,
  { id, time, node }: { readonly id: string; readonly time: Date; readonly node: string },
): Parsed<CloudEvent<DataOf<Name>>> {
  const json = decodeTolerantly(z.record(z.string(), z.unknown()), bytes);
  if (!json.ok) return json;
  if ('specversion' in json.value) return decodeEvent(subject, bytes);
  return withData(subject, {
    specversion: '1.0',
    id,
    source: 'bus/bare',
    type: `${subject}.v1`,
    time: time.toISOString(),
    kedgenode: node,
    data: json.value,
  });
}

function withData<Name extends Subject>(subject: Name, envelope: z.infer<typeof CloudEvent>): Parsed<CloudEvent<DataOf<Name>>> {
  const data = subjects[subject].data.safeParse(envelope.data);
  if (!data.success) return { ok: false, reason: `data: ${firstProblem(data.error)}` };
  return { ok: true, value: { ...envelope, data: data.data as DataOf<Name> } };
}

function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'value'}: ${issue.message}` : 'does not fit';
}
