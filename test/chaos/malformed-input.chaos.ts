import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { CloudEvent, type Component, components, entriesOf, type Identity, type Subject, subjects } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { describeContracts, type JsonSchema } from '../contracts/describe-contracts.ts';
import { run } from '../e2e/harness/shell.ts';
import { joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { instancesOf } from './harness/instances.ts';
import { metricsOf } from './harness/metrics.ts';
import { payloads } from './harness/payloads.ts';
import { connectRaw } from './harness/raw-connection.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, turnOf } from './harness/sample.ts';
import { type Spy, seedOf, startSpy } from './harness/spy.ts';

/** Payloads for each subject and request. */
const perSubject = isLong ? 10_000 : 150;
/** Questions that wait for their answer at the same time. */
const askedAtOnce = 20;
/** What a heap may have grown by when everything was sent once more, in bytes: less than a byte kept of each message. */
const mostGrowth = 24_000_000;

const contracts = describeContracts();
const envelope = contracts.envelope ?? {};

type Consumed = { readonly subject: Subject; readonly by: readonly Component[]; readonly from: Identity };

/** Every event and command that a component hears, with somebody who may say it. */
const heard: readonly Consumed[] = entriesOf(subjects).flatMap(([subject, contract]): Consumed[] => {
  if (contract.kind === 'event') {
    const by = contract.wakes.filter((component) => listens(component, subject));
    return by.length > 0 ? [{ subject, by, from: contract.publisher }] : [];
  }
  const [from] = contract.kind === 'command' ? contract.publishers : [];
  return from ? [{ subject, by: ['reconciler'], from }] : [];
});

/** Every question, with somebody who may ask it. */
const asked: readonly Consumed[] = entriesOf(subjects).flatMap(([subject, contract]): Consumed[] => {
  const [from] = contract.kind === 'request' ? contract.callers : [];
  return from ? [{ subject, by: [contract.owner], from }] : [];
});

describe(`whatever is said on the bus (KEDGE_TEST_SEED=${seed})`, turnOf('whatever is said on the bus'), () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let web: RollingService;
  let lives: readonly string[];
  const connections = new Map<Identity, NatsConnection>();

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    web = await createRollingService({ facts, spy, name: 'malformed-web' });
    await web.declare();
    await web.arrived();
    for (const identity of new Set([...heard, ...asked].map(({ from }) => from))) {
      connections.set(identity, await connectRaw(facts, identity, await keyOf(identity)));
    }
    lives = await startTimes();
  });
  after(async () => {
    for (const connection of connections.values()) await connection.close();
    await web.undeclare();
    await spy.close();
    await bus.close();
  });

  async function keyOf(identity: Identity): Promise<string> {
    const component = components.find((each) => each === identity);
    return component ? await seedOf(facts, component) : await readFile(join(facts.folder, '.kedge', `${identity}.nk`), 'utf8');
  }

  /** When each component's process began: another time means that it died meanwhile. */
  async function startTimes(): Promise<readonly string[]> {
    const ids = (await Promise.all(components.map(async (component) => await instancesOf(facts, component)))).flat();
    const { stdout } = await run('docker', ['inspect', '--format', '{{.Name}} {{.State.StartedAt}} {{.RestartCount}}', ...ids]);
    return stdout.trim().split('\n');
  }

  const connectionOf = (identity: Identity) => connections.get(identity) ?? assert.fail(`no connection of ${identity}`);

  async function rejected(component: Component, subject: Subject): Promise<number> {
    return (await metricsOf(facts, component)).get(`kedge_bus_rejected_total{subject="${subject}"}`) ?? 0;
  }

  it('is rejected and counted when it cannot be read, and nothing else comes of it', async (test) => {
    for (const { subject, by, from } of heard) {
      const before = await Promise.all(by.map(async (component) => await rejected(component, subject)));
      const said = sampleOf(subject);
      for (const bytes of said) connectionOf(from).publish(subject, bytes);
      await connectionOf(from).flush();
      const unreadable = said.filter((bytes) => !isReadable(subject, bytes)).length;
      assert.ok(unreadable > said.length / 3, `${unreadable} of ${said.length} cannot be read`);
      for (const [index, component] of by.entries()) {
        let more = 0;
        const counts = async () => {
          more = (await rejected(component, subject)) - (before[index] ?? 0);
          return more >= unreadable;
        };
        await waitUntil(counts, { timeoutMs: 120_000, what: `${component} counts ${unreadable} of ${subject}` }).catch(() => undefined);
        assert.ok(more >= unreadable, `${component} counts ${more} of ${unreadable} of ${subject}`);
      }
    }
    test.diagnostic(`${perSubject} payloads on each of ${heard.length} subjects`);
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('is answered with REQUEST_INVALID when it is no question', async (test) => {
    for (const { subject, from } of asked) {
      const unreadable = sampleOf(subject).filter((bytes) => !isReadable(subject, bytes));
      for (let first = 0; first < unreadable.length; first += askedAtOnce) {
        const answers = await Promise.all(
          unreadable.slice(first, first + askedAtOnce).map(async (bytes) => {
            const reply = await connectionOf(from).request(subject, bytes, { timeout: 20_000 });
            return reply.headers?.get('Kedge-Error-Code');
          }),
        );
        assert.deepEqual([subject, ...new Set(answers)], [subject, 'REQUEST_INVALID']);
      }
    }
    test.diagnostic(`${perSubject} payloads to each of ${asked.length} questions`);
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('keeps no memory, and the next push rolls', async (test) => {
    const before = await heaps();
    const told = () =>
      `heaps grew by ${components.map((component, index) => `${component} ${Math.round((grown[index] ?? 0) / 1_000)} kB`).join(', ')}`;
    await sayEverything();
    await web.prepare();
    await web.release();
    await web.arrived();
    let grown: readonly number[] = [];
    // Garbage is collected when there is more of it: what is kept stays, and grows with every round.
    const isCollected = async () => {
      await sayEverything();
      grown = (await heaps()).map((bytes, index) => Math.min(bytes - (before[index] ?? 0), grown[index] ?? Number.POSITIVE_INFINITY));
      return grown.every((bytes) => bytes < mostGrowth);
    };
    await waitUntil(isCollected, { timeoutMs: 120_000, what: 'the heaps are as small as before' }).finally(() => test.diagnostic(told()));
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  async function sayEverything(): Promise<void> {
    for (const { subject, from } of heard) {
      for (const bytes of sampleOf(subject)) connectionOf(from).publish(subject, bytes);
      await connectionOf(from).flush();
    }
  }

  /** The smallest heap of each component that several looks find: what is left when garbage is collected. */
  async function heaps(): Promise<readonly number[]> {
    return await Promise.all(
      components.map(async (component) => {
        const looks: number[] = [];
        for (let look = 0; look < 8; look += 1) looks.push((await metricsOf(facts, component)).get('nodejs_heap_size_used_bytes') ?? 0);
        return Math.min(...looks);
      }),
    );
  }
});

/** Whether a component that may hear an event does: the catalogue says only what it may. */
function listens(component: Component, subject: Subject): boolean {
  const wakes = new URL(`../../services/${component}/inbound/wakes.ts`, import.meta.url);
  return existsSync(wakes) && readFileSync(wakes, 'utf8').includes(`wake('${subject}'`);
}

/** Of a command the data may come without its envelope. */
function sampleOf(subject: Subject): readonly Uint8Array[] {
  const { kind } = subjects[subject];
  const data = contracts[`${kind} ${subject}`] ?? {};
  const whole: JsonSchema = { ...envelope, properties: { ...envelope.properties, data } };
  const schemas = { event: [whole], command: [whole, data], request: [data] }[kind];
  const sampled = fc.sample(fc.oneof(...schemas.map(payloads)), { seed, numRuns: perSubject });
  // One of these that can be read takes everything down, as it should.
  return subject === 'node.requested' ? sampled.filter((bytes) => !isReadable(subject, bytes)) : sampled;
}

/** What the contract says; the components have to come to the same. */
function isReadable(subject: Subject, bytes: Uint8Array): boolean {
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
