import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EndpointsEntry, type ServiceSpec, Ulid } from '@kedge/shared/contracts';
import { createJudge, givesNameBeforeStart } from './judge-containers.ts';
import type { GateProbe, ObservedContainer } from './ports.ts';
import { container, declared, releaseOf, target } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

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
  /** Containers of the release that serves now. */
  readonly before?: readonly ObservedContainer[];
}

/** The verdict on one container, and the ports that were asked. */
async function judge({ spec = proxied, given = one, mode = 'rollout', endpoints, open = [80], attemptFrom = 0, ...more }: Question) {
  const { exposes = [], before = [], openAt } = more;
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
    record: before.length > 0 ? recordOf({ serving }) : null,
    endpoints: endpoints ? { key: 'k', revision: 1, writtenAt: new Date(worldNow), value: endpoints } : null,
  });
  const verdicts = await createJudge({ engine, probe, watchedSince: () => 0 })({ world, spec, containers: [given], mode, attemptFrom });
  return { kind: verdicts.get('c1')?.kind, asked };
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

  it('has to listen at the port that its image names where the one before it does, and for a while only where that does not', async () => {
    const quiet = { spec: declared(), exposes: [80], given: { ...container({ hasAlias: false }), startedAt: new Date(worldNow - 40_000) } };
    const old = container({ id: 'c0', address: '10.0.0.9', kedge: { release: releaseOf('v0') } });
    const addresses = ['10.0.0.9'];
    assert.equal((await judge({ ...quiet, openAt: addresses })).kind, 'passed');
    assert.equal((await judge({ ...quiet, openAt: addresses, before: [old] })).kind, 'pending');
    assert.equal((await judge({ ...quiet, openAt: [], before: [old] })).kind, 'passed');
    const late = { ...quiet.given, startedAt: new Date(worldNow - 61_000) };
    assert.equal((await judge({ ...quiet, given: late, openAt: addresses, before: [old] })).kind, 'failed');
  });

  it('without a network is waited for', async () =>
    assert.deepEqual(await judge({ given: container({ address: null }) }), { kind: 'pending', asked: [] }));
});

describe('the name', () => {
  it('is given before the start where giving it later costs connections', () => {
    assert.equal(givesNameBeforeStart(declared({ port: [{ host: 80, container: 80 }] })), true);
    assert.equal(givesNameBeforeStart(declared({ network: [{ name: 'host' }] })), true);
    assert.equal(givesNameBeforeStart(declared()), false);
  });
});
