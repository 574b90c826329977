import { existsSync, readFileSync } from 'node:fs';
import { CloudEvent, type Component, entriesOf, type Identity, type Subject, subjects } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { describeContracts, type JsonSchema } from '../../contracts/describe-contracts.ts';
import { fitting, payloads } from './payloads.ts';

/** A subject with somebody who may say or ask it, and the components that have to read it: none where only people and hooks listen. */
export interface Consumed {
  readonly subject: Subject;
  readonly by: readonly Component[];
  readonly from: Identity;
}

/** Every event and every command of the catalogue. */
export const said: readonly Consumed[] = entriesOf(subjects).flatMap(([subject, contract]): Consumed[] => {
  if (contract.kind === 'event')
    return [{ subject, by: contract.wakes.filter((each) => listens(each, subject)), from: contract.publisher }];
  const [from] = contract.kind === 'command' ? contract.publishers : [];
  return from ? [{ subject, by: ['reconciler'], from }] : [];
});

/** Every question of the catalogue. */
export const asked: readonly Consumed[] = entriesOf(subjects).flatMap(([subject, contract]): Consumed[] => {
  const [from] = contract.kind === 'request' ? contract.callers : [];
  return from ? [{ subject, by: [contract.owner], from }] : [];
});

/** Whether a component that may hear an event does: the catalogue says only what it may. */
function listens(component: Component, subject: Subject): boolean {
  const wakes = new URL(`../../../services/${component}/inbound/wakes.ts`, import.meta.url);
  return existsSync(wakes) && readFileSync(wakes, 'utf8').includes(`wake('${subject}'`);
}

const contracts = describeContracts();
const envelope = contracts.envelope ?? {};

/** What somebody might send on a subject. Of a command the data may come without its envelope. */
export function sampleOf(subject: Subject, { seed, count }: { readonly seed: number; readonly count: number }): readonly Uint8Array[] {
  const { whole, data } = schemasOf(subject);
  const schemas = { event: [whole], command: [whole, data], request: [data] }[subjects[subject].kind];
  const sampled = fc.sample(fc.oneof(...schemas.map(payloads)), { seed, numRuns: count });
  // One of these that can be read takes everything down, as it should.
  return subject === 'node.requested' ? sampled.filter((bytes) => !isReadable(subject, bytes)) : sampled;
}

/** An event that can be read, under an id by which it is known again. */
export function readableEvent(subject: Subject, id: string): Uint8Array {
  const sampled = fc.sample(fitting(schemasOf(subject).whole), { seed: 1, numRuns: 200 });
  const written = sampled.map((event) => new TextEncoder().encode(JSON.stringify(Object.assign({}, event, { id }))));
  const found = written.find((bytes) => isReadable(subject, bytes));
  if (!found) throw new Error(`none of ${written.length} events fits ${subject}`);
  return found;
}

function schemasOf(subject: Subject): { readonly whole: JsonSchema; readonly data: JsonSchema } {
  const data = contracts[`${subjects[subject].kind} ${subject}`] ?? {};
  return { whole: { ...envelope, properties: { ...envelope.properties, data } }, data };
}

/** What the contract says; the components have to come to the same. */
export function isReadable(subject: Subject, bytes: Uint8Array): boolean {
  const { kind, data } = subjects[subject];
  const value = parsed(bytes);
  const isBare = kind === 'request' || (kind === 'command' && typeof value === 'object' && value !== null && !('specversion' in value));
  if (isBare) return data.safeParse(value).success;
  const event = CloudEvent.safeParse(value);
  return event.success && data.safeParse(event.data.data).success;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
