import assert from 'node:assert/strict';
import type { Bus } from '@kedge/shared/bus';
import {
  type BucketName,
  buckets,
  type Component,
  components,
  entriesOf,
  eventStream,
  reconcilerCommands,
  type Subject,
  storedSubjects,
  subjects,
} from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { metricsOf } from '../../e2e/harness/metrics.ts';
import { compose, type StackFacts } from '../../e2e/harness/stack.ts';
import { connectRaw } from './raw-connection.ts';
import { joinAs, seedOf } from './spy.ts';

/** Somebody who speaks as components of a later version might: with fields that nobody here knows, and of things that nobody here knows. */
export interface LaterVersion {
  /** Adds a field to every stored value, as whoever writes it would. */
  addToStored(): Promise<void>;
  /** Says something on a subject that the stream and the durable of the reconciler know, and the reconciler does not. */
  sayUnknown(): Promise<void>;
  /** Fails unless something was said and stored, and all of it could be read where it should be. Resolves to how much it was. */
  assertUnderstood(): Promise<string>;
  close(): Promise<void>;
}

const unknown = { fromTheFuture: { of: 'version 2', list: [1, null] } };
/** Told from what was said first by the end of its id. */
const mark = '+later';
const unknownSubject = 'future.requested';
/** What is said on it reaches the stream under the unknown name. */
const carrier = 'gate.requested' satisfies Subject;
const Anything = z.looseObject({});

/** What wakes components, and the command that says its instant itself: twice is once. */
const repeated = entriesOf(subjects).flatMap(([subject, contract]): Subject[] =>
  (contract.kind === 'event' && contract.wakes.length > 0) || subject === 'job.due' ? [subject] : [],
);

/** From here on whatever is said to components is said once more with more in it. `bus` is that of a person. */
export async function speakOfLater(facts: StackFacts, bus: Bus): Promise<LaterVersion> {
  const connections = new Map<Component, NatsConnection>();
  const buses = new Map<Component, Bus>();
  for (const component of components) {
    connections.set(component, await connectRaw(facts, component, await seedOf(facts, component)));
    buses.set(component, await joinAs(facts, component));
  }
  const counts = { events: 0, values: 0, unknown: 0 };
  const open = <Value>(all: ReadonlyMap<Component, Value>, component: Component) => all.get(component) ?? assert.fail(component);

  const following = bus.follow(repeated, (event) => {
    const subject = event.type.slice(0, -'.v1'.length) as Subject;
    const { owner } = subjects[subject];
    if (event.id.endsWith(mark)) return;
    const more = { ...event, ...unknown, id: event.id + mark, data: { ...(event.data as object), ...unknown } };
    open(connections, owner).publish(subject, JSON.stringify(more));
    counts.events += 1;
  });
  const provision = await connectRaw(facts, 'provision', await compose(facts, provisionSeed));
  const manager = await jetstream(provision).jetstreamManager(false);
  await change([unknownSubject], unknownSubject);

  /** Lets the stream and the durable know more subjects, and the stream keep what is said on the carrier under this name. */
  async function change(more: readonly string[], carried: string): Promise<void> {
    await manager.streams.update(eventStream, {
      subjects: [...storedSubjects(), ...more],
      subject_transform: { src: carrier, dest: carried },
    });
    await manager.consumers.update(eventStream, 'reconciler', { filter_subjects: [...reconcilerCommands, ...more] });
  }

  const before = new Map<Component, ReadonlyMap<string, number>>();
  for (const component of components) before.set(component, await rejected(component));

  async function rejected(component: Component): Promise<ReadonlyMap<string, number>> {
    const samples = [...(await metricsOf(facts, component))].filter(([name]) => name.startsWith('kedge_bus_rejected_total'));
    return new Map(samples.map(([name, count]) => [/subject="([^"]*)"/.exec(name)?.[1] ?? name, count]));
  }

  /** What was rejected before anybody spoke of later. */
  const already = (component: Component, subject: string = unknownSubject) => before.get(component)?.get(subject) ?? 0;

  return {
    async addToStored() {
      for (const [name, { writer }] of entriesOf<BucketName, (typeof buckets)[BucketName]>(buckets)) {
        for (const component of components.filter((each) => writer === 'each' || writer === each)) {
          const bucket = open(buses, component).bucket(name, Anything);
          const ours = [...(await bucket.readEverything())].filter(([key]) => writer !== 'each' || key.startsWith(`${component}.`));
          for (const [key, { value, revision }] of ours) {
            // Whoever wrote meanwhile was first.
            if ((await bucket.update(key, { ...value, ...unknown }, revision)) !== null) counts.values += 1;
          }
        }
      }
    },
    async sayUnknown() {
      open(connections, 'reconciler').publish(carrier, JSON.stringify({ ...unknown, id: `${unknownSubject}/${counts.unknown}` }));
      counts.unknown += 1;
    },
    async assertUnderstood() {
      const isCounted = async () => ((await rejected('reconciler')).get(unknownSubject) ?? 0) >= counts.unknown + already('reconciler');
      await waitUntil(isCounted, { timeoutMs: 30_000, what: 'the reconciler counts the subject that it does not know' });
      for (const component of components) {
        const others = [...(await rejected(component))].filter(
          ([subject, count]) => subject !== unknownSubject && count > already(component, subject),
        );
        assert.deepEqual(others, [], `${component} reads what has more in it than it knows`);
      }
      for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, what);
      return `${counts.events} events and ${counts.values} stored values with more in them, ${counts.unknown} of an unknown subject`;
    },
    async close() {
      await following.close();
      await change([], carrier);
      for (const each of [provision, ...connections.values(), ...buses.values()]) await each.close();
    },
  };
}

const provisionSeed = [
  'run',
  '--rm',
  '-T',
  '--no-deps',
  '--quiet-pull',
  '--entrypoint',
  'cat',
  'provision',
  '/run/kedge/keys/provision.nk',
];
