import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EndpointsEntry, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import type { Verdict } from './core/gates.ts';
import { createJudge, isNamedForLife } from './judge-containers.ts';
import type { GateProbe, ObservedContainer } from './ports.ts';
import { container, declared, releaseOf, rolloutTo, target } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';
import type { Rollout } from './write-record.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const rollout = Ulid.parse('01JZ0000000000000000000000');
const since = '2026-01-01T00:00:00.000Z';
const proxied = declared({ proxy: { host: 'a.b', service_port: 80 } });
const one = container({ startedAt: new Date(worldNow - 500) });
const entry = (port: number): EndpointsEntry => ({ node, service: web, routes: [], targets: [target('c1', { port })] });

interface Question {
  readonly spec?: ServiceSpec;
  readonly given?: ObservedContainer;
  readonly mode?: 'rollout' | 'maintain';
  readonly endpoints?: EndpointsEntry;
  /** Ports that accept. */
  readonly open?: readonly number[];
  /** Where they accept. Default: everywhere. */
  readonly openAt?: readonly string[];
  readonly attemptFrom?: number;
  /** Ports that the image exposes. */
  readonly exposes?: readonly number[];
  /** Containers beside it; with any, v0 serves now. */
  readonly before?: readonly ObservedContainer[];
  /** What the record knows of the rollout. */
  readonly rolling?: Partial<Rollout>;
  /** Since when the engine is watched. */
  readonly watchedSince?: number;
}

/** The last verdict, with all that it says. */
let last: Verdict | undefined;

/** The verdict on one container, and the ports that were asked. */
async function judge({ spec = proxied, given = one, mode = 'rollout', endpoints, open = [80], attemptFrom = 0, ...more }: Question) {
  const { exposes = [], before = [], openAt, rolling, watchedSince = 0 } = more;
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0, exposes }) });
  engine.images.set(given.imageId, given.imageId as never);
  const asked: number[] = [];
  const answer = ({ address, port }: { readonly address: string; readonly port: number }) => {
    asked.push(port);
    return open.includes(port) && (openAt?.includes(address) ?? true)
      ? ({ ok: true, message: 'accepts' } as const)
      : ({ ok: false, message: 'connection refused' } as const);
  };
  const probe: GateProbe = { http: async (question) => answer(question), tcp: async (question) => answer(question) };
  const serving = { release: releaseOf('v0'), image: 'app:latest', digest: digestOf('v0'), source: 'registry' as const, since, rollout };
  const world = worldOf({
    spec,
    containers: [given, ...before],
    record: before.length > 0 || rolling ? recordOf({ serving, rollout: rolling ? { ...rolloutTo('v1'), ...rolling } : null }) : null,
    endpoints: endpoints ? { key: 'k', revision: 1, writtenAt: new Date(worldNow), value: endpoints } : null,
  });
  const verdicts = await createJudge({ engine, probe, watchedSince: () => watchedSince })({
    world,
    spec,
    containers: [given],
    mode,
    attemptFrom,
  });
  last = verdicts.get('c1');
  return { kind: last?.kind, asked };
}

describe('a container', () => {
  it('is fit when its gates answer, one after the other until one does not', async () => {
    assert.deepEqual(await judge({}), { kind: 'passed', asked: [80] });
    const two = declared({
      gate: [
        { type: 'tcp', port: 1 },
        { type: 'http', port: 2 },
        { type: 'tcp', port: 3 },
      ],
    });
    assert.deepEqual(await judge({ spec: two, open: [1, 3], given: { ...one, hasAlias: false } }), { kind: 'pending', asked: [1, 2] });
  });

  it('is judged by its state alone where that tells', async () => {
    assert.deepEqual(await judge({ given: container({ state: 'created', startedAt: null }) }), { kind: 'pending', asked: [] });
    const crashed = container({ state: 'exited', exitCode: 1, finishedAt: new Date(worldNow) });
    assert.deepEqual(await judge({ given: crashed }), { kind: 'failed', asked: [] });
  });

  it('that ended in an earlier attempt is no verdict about this one', async () => {
    const crashed = container({
      state: 'exited',
      exitCode: 1,
      startedAt: new Date(worldNow - 9_000),
      finishedAt: new Date(worldNow - 8_000),
    });
    assert.deepEqual(await judge({ given: crashed, attemptFrom: worldNow - 1_000 }), { kind: 'pending', asked: [] });
  });

  it('that serves is not asked again: that could only take it away', async () =>
    assert.deepEqual(await judge({ endpoints: entry(80), open: [], mode: 'maintain' }), { kind: 'passed', asked: [] }));

  it('that serves gets requests at a newly declared port once somebody accepts there', async () => {
    assert.deepEqual(await judge({ endpoints: entry(8080), mode: 'maintain' }), { kind: 'passed', asked: [80] });
    await assert.rejects(judge({ endpoints: entry(8080), open: [], mode: 'maintain' }), {
      name: 'RetryableError',
      code: 'PORT_UNANSWERED',
    });
  });

  describe('of an image that exposes a port', () => {
    const given = { ...container({ hasAlias: false }), startedAt: new Date(worldNow - 40_000) };
    const late = { ...given, startedAt: new Date(worldNow - 61_000) };
    const old = container({ id: 'c0', address: '10.0.0.9', kedge: { release: releaseOf('v0') } });
    const sibling = container({ id: 'c2', address: '10.0.0.8' });
    const quiet = { spec: declared(), exposes: [80], given, openAt: ['10.0.0.9'] };

    const table: readonly (readonly [string, Question, Verdict['kind'], number | undefined])[] = [
      ['is waited for a while where nothing serves', {}, 'passed', undefined],
      ['has to listen where the one before does', { before: [old] }, 'pending', 80],
      ['has to listen in time', { before: [old], given: late }, 'failed', undefined],
      ['need not where the one before does not', { before: [old], openAt: [] }, 'passed', undefined],
      ['need not where only a sibling of its own release does', { before: [sibling], openAt: ['10.0.0.8'] }, 'passed', undefined],
      ['need not where what listens there has ended', { before: [{ ...old, state: 'exited' }] }, 'passed', undefined],
      [
        'has to although the one before does not answer now',
        { before: [old], openAt: [], rolling: { step: 'must-listen' } },
        'pending',
        undefined,
      ],
      ['has to although the one before is gone', { openAt: [], rolling: { step: 'must-listen' } }, 'pending', undefined],
      ['has to, and that is noted once', { before: [old], rolling: { step: 'must-listen' } }, 'pending', undefined],
      [
        'has to, and that is not noted after the switch',
        { before: [old], rolling: { step: 'switched', switchedAt: since } },
        'pending',
        undefined,
      ],
    ];
    for (const [name, changes, kind, noted] of table) {
      it(name, async () => {
        await judge({ ...quiet, ...changes });
        assert.deepEqual([last?.kind, last?.kind === 'pending' ? last.asBefore : undefined], [kind, noted]);
      });
    }

    it('and does not listen is told why that counts, and what says otherwise', async () => {
      await judge({ ...quiet, given: late, before: [old] });
      const message = last?.kind === 'failed' ? last.message : '';
      assert.match(
        message,
        /not ready within 60 s: .*; what it replaces answers on port 80, .*\[service\.healthcheck\] or strategy = "recreate"$/,
      );
    });
  });

  describe('that ended, and is older than the watch over its engine', () => {
    const before = worldNow - 60_000;
    const killed = container({
      state: 'exited',
      exitCode: 137,
      createdAt: new Date(before),
      finishedAt: new Date(worldNow - 5_000),
      namedOn: [],
    });
    const unnamed = { ...killed, name: 'web.1.0', hasAlias: false };
    const ask = { watchedSince: worldNow - 10_000, spec: proxied, given: unnamed };
    const table: readonly (readonly [string, Question, boolean])[] = [
      ['is made anew where it never served', {}, true],
      ['is judged where it gets requests', { endpoints: entry(80) }, false],
      ['is judged where it has the name', { given: { ...unnamed, namedOn: ['kedge'] } }, false],
      ['is judged where it has the plain name', { given: { ...unnamed, name: 'web' } }, false],
      [
        'is made anew where the name was given before the start',
        { spec: declared({ port: [{ host: 80, container: 80 }] }), given: { ...unnamed, namedOn: ['kedge'] } },
        true,
      ],
      ['is judged where requests moved when it was there', { rolling: { switchedAt: new Date(before + 1).toISOString() } }, false],
      ['is made anew where it was made after requests moved', { rolling: { switchedAt: new Date(before - 1).toISOString() } }, true],
    ];
    for (const [name, changes, anew] of table) {
      it(name, async () => {
        await judge({ ...ask, ...changes });
        assert.deepEqual([last?.kind, last?.kind === 'pending' && last.makeAnew === true], [anew ? 'pending' : 'failed', anew]);
      });
    }
  });

  it('without a network is waited for', async () =>
    assert.deepEqual(await judge({ given: container({ address: null }) }), { kind: 'pending', asked: [] }));
});

describe('the name', () => {
  it('is given before the start where giving it later costs connections', () => {
    assert.equal(isNamedForLife(declared({ port: [{ host: 80, container: 80 }] })), true);
    assert.equal(isNamedForLife(declared({ network: [{ name: 'host' }] })), true);
    assert.equal(isNamedForLife(declared()), false);
  });
});
