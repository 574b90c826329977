import type { CommandSubject, DataOf, EventContext, EventSubject, OwedEvent } from '../contracts/index.ts';
import { markPoint } from '../kernel/index.ts';
import type { Bucket, Bus, Entry, Owing } from './bus.ts';

/** Where a value is kept, and who hears what it owes. */
interface OwingStore<Value extends Owing> {
  readonly bus: Pick<Bus, 'publish'>;
  readonly bucket: Bucket<Value>;
}

interface FirstWrite<Value extends Owing> extends OwingStore<Value> {
  readonly key: string;
  /** What `value` takes the place of; null: the key must not exist. */
  readonly previous: Pick<Entry<Value>, 'revision'> | null;
  readonly value: Value;
}

interface Debt<Value extends Owing> extends OwingStore<Value> {
  readonly entry: Entry<Value>;
}

/** Makes an event that a value will owe until it is said. */
export function owe<Name extends EventSubject | CommandSubject>(
  subject: Name,
  data: DataOf<Name>,
  { service, now, ...context }: EventContext & { readonly service?: string; readonly now: Date },
): OwedEvent {
  return { subject, time: now.toISOString(), ...(service === undefined ? {} : { service }), ...withoutUndefined(context), data };
}

/**
 * State first: writes `value` with compare-and-set, says the events it owes, and writes it again
 * without the debt. Resolves to the entry as it now stands, or to null when somebody else wrote first: then nothing was said.
 * Killed in between, the debt stays in the value, and `sayWhatIsOwed` says it at the next start with the same id.
 */
export async function writeThenSay<Value extends Owing>({
  bus,
  bucket,
  key,
  previous,
  value,
}: FirstWrite<Value>): Promise<Entry<Value> | null> {
  const revision = previous ? await bucket.update(key, value, previous.revision) : await bucket.create(key, value);
  if (revision === null) return null;
  return await sayOwed({ bus, bucket, entry: { key, value, revision, writtenAt: new Date() } });
}

/** Says what a stored value still owes, then stores it without the debt. Resolves to the newest entry known. */
export async function sayOwed<Value extends Owing>({ bus, bucket, entry }: Debt<Value>): Promise<Entry<Value>> {
  const owed = entry.value.owes ?? [];
  if (owed.length === 0) return entry;
  for (const [index, event] of owed.entries()) {
    markPoint(`owed.${event.subject}`);
    await say(bus, event, owedEventId(entry, index));
    markPoint(`said.${event.subject}`);
  }
  const { owes: _said, ...paid } = entry.value;
  const value = paid as Value;
  const revision = await bucket.update(entry.key, value, entry.revision);
  // Somebody wrote meanwhile: their value carries its own debts, and ours are said.
  return revision === null ? ((await bucket.get(entry.key)) ?? entry) : { ...entry, value, revision };
}

/** At start and after a reconnect: says everything that the values of a bucket still owe. */
export async function sayWhatIsOwed<Value extends Owing>(bus: Pick<Bus, 'publish'>, bucket: Bucket<Value>): Promise<void> {
  for (const entry of (await bucket.readEverything()).values()) await sayOwed({ bus, bucket, entry });
}

/** `<subject>/<key>/<revision>`; a value that owes the same subject twice numbers the later ones. */
function owedEventId({ key, revision, value: { owes = [] } }: Entry<Owing>, index: number): string {
  const subject = owes[index]?.subject;
  const sameBefore = owes.slice(0, index).filter((other) => other.subject === subject).length;
  return `${subject}/${key}/${revision}${sameBefore === 0 ? '' : `/${sameBefore}`}`;
}

async function say(bus: Pick<Bus, 'publish'>, event: OwedEvent, id: string): Promise<void> {
  const { subject, data, service, correlationid, causationid, actor } = event;
  // The debt was checked against the catalogue when it was made; publish checks it again.
  await bus.publish(subject as EventSubject, data as DataOf<EventSubject>, {
    id,
    ...withoutUndefined({ service, correlationid, causationid, actor }),
  });
}

function withoutUndefined<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };
}
