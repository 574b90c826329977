import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { CloudEvent, type Component, components, type Identity, subjects } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { metricsOf } from '../e2e/harness/metrics.ts';
import { run } from '../e2e/harness/shell.ts';
import { joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { asked, type Consumed, isReadable, readableEvent, said, sampleOf } from './harness/catalogue.ts';
import { instancesOf } from './harness/instances.ts';
import { weightOf } from './harness/memory.ts';
import { connectRaw } from './harness/raw-connection.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, turnOf } from './harness/sample.ts';
import { type Spy, seedOf, startSpy } from './harness/spy.ts';

/** Payloads for each subject and request. */
const perSubject = isLong ? 10_000 : 150;
/** Questions that wait for their answer at the same time. */
const askedAtOnce = 20;
/** Questions that can be read, of each kind: some are answered with a look at everything. */
const mostQuestions = isLong ? 500 : 10;
/** Payloads for each subject and request that are said again and again while memory is watched. */
const perRound = 300;
/** What is said to each component while its memory is watched, in bytes. */
const weighedBytes = isLong ? 60_000_000 : 8_000_000;
/** The part of that which a component may have become heavier by: counters, buffers and compiled code, but not the messages. */
const mostKept = 0.25;

const heard = said.filter(({ by }) => by.length > 0);
const forPeople = said.filter(({ by }) => by.length === 0);

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
    for (const identity of new Set([...said, ...asked].map(({ from }) => from))) {
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

  /** What each component has counted so far of each subject, by `component subject`. */
  async function rejections(): Promise<ReadonlyMap<string, number>> {
    const all = components.map(async (component) => {
      const samples = [...(await metricsOf(facts, component))].filter(([name]) => name.startsWith('kedge_bus_rejected_total'));
      return samples.map(([name, count]) => [`${component} ${/subject="([^"]*)"/.exec(name)?.[1] ?? name}`, count] as const);
    });
    return new Map((await Promise.all(all)).flat());
  }

  /** Waits until every component has counted so many more of each subject than before. */
  async function counted(before: ReadonlyMap<string, number>, expected: readonly Expected[]): Promise<void> {
    await waitUntil(
      async () => {
        const now = await rejections();
        const missing = expected.flatMap(({ consumed: { subject, by }, unreadable }) =>
          by.flatMap((component) => {
            const key = `${component} ${subject}`;
            const more = (now.get(key) ?? 0) - (before.get(key) ?? 0);
            return more < unreadable ? [`${key}: ${more} of ${unreadable}`] : [];
          }),
        );
        assert.deepEqual(missing, []);
        return true;
      },
      // Commands are taken one after another, each with an answer of the server.
      { timeoutMs: 1_200_000, what: 'each component counts what it cannot read' },
    );
  }

  async function say({ subject, from }: Consumed, payloads: readonly Uint8Array[]): Promise<void> {
    for (const bytes of payloads) connectionOf(from).publish(subject, bytes);
    await connectionOf(from).flush();
  }

  /** Resolves to the codes of the answers; the empty one is no error. */
  async function ask({ subject, from }: Consumed, payloads: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
    const codes = new Set<string>();
    for (let first = 0; first < payloads.length; first += askedAtOnce) {
      const answers = payloads.slice(first, first + askedAtOnce).map(async (bytes) => {
        const reply = await connectionOf(from).request(subject, bytes, { timeout: 60_000 });
        codes.add(reply.headers?.get('Kedge-Error-Code') ?? '');
      });
      await Promise.all(answers);
    }
    return codes;
  }

  it('is rejected and counted by whoever hears it when it cannot be read', async (test) => {
    const before = await rejections();
    const expected: Expected[] = [];
    for (const consumed of heard) {
      const payloads = payloadsOf(consumed);
      expected.push({ consumed, unreadable: payloads.filter((bytes) => !isReadable(consumed.subject, bytes)).length });
      await say(consumed, payloads);
    }
    await counted(before, expected);
    test.diagnostic(`${perSubject} payloads on each of ${heard.map(({ subject }) => subject).join(', ')}`);
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('reaches people and hooks only where it can be read', async (test) => {
    for (const consumed of forPeople) {
      const { subject } = consumed;
      const since = new Date();
      const payloads = payloadsOf(consumed);
      const readable = payloads.filter((bytes) => isReadable(subject, bytes)).length;
      const followed: string[] = [];
      const following = bus.follow([subject], ({ id }) => followed.push(id));
      // Answered after the server knows who follows.
      await bus.recent({ since, subjects: [subject] });
      const last = `the last of ${subject}`;
      await say(consumed, [...payloads, readableEvent(subject, last)]);
      await waitUntil(() => followed.includes(last), { timeoutMs: 60_000, what: 'the last one is heard' });
      await following.close();
      assert.equal(followed.length, readable + 1, `who follows ${subject} hears what can be read, and nothing else`);
      const recent = await bus.recent({ since, subjects: [subject] });
      assert.ok(recent.every((event) => CloudEvent.safeParse(event).success && subjects[subject].data.safeParse(event.data).success));
    }
    test.diagnostic(`${perSubject} payloads on each of ${forPeople.map(({ subject }) => subject).join(', ')}`);
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('is answered, and counted with REQUEST_INVALID when it is no question', async (test) => {
    const before = await rejections();
    const expected = new Map<string, number>();
    for (const consumed of asked) {
      const { subject, by } = consumed;
      const payloads = payloadsOf(consumed);
      const [questions = [], unreadable = []] = [true, false].map((wanted) =>
        payloads.filter((bytes) => isReadable(subject, bytes) === wanted),
      );
      assert.deepEqual([subject, ...(await ask(consumed, unreadable))], [subject, 'REQUEST_INVALID']);
      const codes = await ask(consumed, questions.slice(0, mostQuestions));
      test.diagnostic(
        `${subject}: ${unreadable.length} are none; of ${questions.length} that are one, the first are: ${[...codes].map((code) => code || 'answered').join(', ')}`,
      );
      for (const code of ['REQUEST_INVALID', 'CONTRACT_VIOLATION', 'UNEXPECTED']) assert.ok(!codes.has(code), `${subject}: ${code}`);
      for (const component of by) expected.set(`${component} ${subject}`, unreadable.length);
    }
    const now = await rejections();
    const more = [...expected.keys()].map((key) => [key, (now.get(key) ?? 0) - (before.get(key) ?? 0)]);
    assert.deepEqual(more, [...expected], 'what is no question is counted, and nothing else');
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('is forgotten: no component keeps any part of the messages', async (test) => {
    // What is kept once for each subject is kept by then, and the code is compiled.
    await fill(weighedBytes / 10);
    const before = await weights();
    const load = await fill(weighedBytes);
    const after = await weights();
    const kept = components.map((component, index) => {
      const [from, to] = [before[index] ?? assert.fail(component), after[index] ?? assert.fail(component)];
      const [heap, buffers] = [to.heap - from.heap, to.buffers - from.buffers];
      const grown = heap + buffers;
      const { bytes, messages } = load.get(component) ?? { bytes: 0, messages: 0 };
      test.diagnostic(
        `${component}: ${grown} bytes heavier (heap ${heap}, buffers ${buffers}) after ${messages} messages of ${bytes}, ${Math.round(grown / messages)} for each`,
      );
      return { component, bytes, part: grown / bytes };
    });
    for (const { component, bytes, part } of kept) {
      assert.ok(bytes >= weighedBytes, `${component} was said ${bytes} bytes`);
      assert.ok(part < mostKept, `${component} kept ${Math.round(part * 100)} % of what was said to it`);
    }
    assert.deepEqual(await startTimes(), lives, 'nobody died of it');
  });

  it('and the next push rolls', async () => {
    await web.prepare();
    await web.release();
    await web.arrived();
  });

  const payloadsOf = ({ subject }: Consumed) => sampleOf(subject, { seed, count: perSubject });
  const unreadableOf = ({ subject }: Consumed) =>
    sampleOf(subject, { seed, count: perRound }).filter((bytes) => !isReadable(subject, bytes));
  const weights = async () => await Promise.all(components.map(async (component) => await weightOf(facts, component)));

  /** Says and asks what cannot be read until so many bytes reached each component, and waits until they counted it. */
  async function fill(leastBytes: number): Promise<ReadonlyMap<Component, Load>> {
    const unreadable = new Map([...heard, ...asked].map((consumed) => [consumed, unreadableOf(consumed)]));
    const loads = new Map<Component, Load>(components.map((component) => [component, { bytes: 0, messages: 0 }]));
    const loadOf = (component: Component) => loads.get(component) ?? assert.fail(component);
    while (components.some((component) => loadOf(component).bytes < leastBytes)) {
      const before = await rejections();
      const expected: Expected[] = [];
      for (const [consumed, sampled] of unreadable) {
        const { subject, by } = consumed;
        if (by.every((component) => loadOf(component).bytes >= leastBytes)) continue;
        await (subjects[subject].kind === 'request' ? ask(consumed, sampled) : say(consumed, sampled));
        expected.push({ consumed, unreadable: sampled.length });
        const bytes = sampled.reduce((sum, { length }) => sum + length, 0);
        for (const component of by) {
          const load = loadOf(component);
          loads.set(component, { bytes: load.bytes + bytes, messages: load.messages + sampled.length });
        }
      }
      await counted(before, expected);
    }
    return loads;
  }
});

interface Expected {
  readonly consumed: Consumed;
  readonly unreadable: number;
}

interface Load {
  readonly bytes: number;
  readonly messages: number;
}
