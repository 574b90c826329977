import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { declared, releaseOf, service } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import type { Decision } from './decide-rollout.ts';
import { describeChange, unplannedChange } from './plan-change.ts';

const at = '2026-01-01T00:00:00.000Z';
const ref = { release: releaseOf('v1'), image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const fresh: ReleaseRecord = { node: 'local' as ReleaseRecord['node'], service, serving: null, rollout: null };
const record: ReleaseRecord = { ...fresh, serving: { ...ref, since: at, rollout: '01JZ0000000000000000000000' } };
const waiting = { code: 'PORT_TAKEN', message: 'port 80 is taken', since: at, retryAt: at, failures: 2 };
const begin: Decision = { kind: 'begin', desired: ref, cause: 'image-updated', reason: 'the registry says so' };
const maintain: Decision = { kind: 'maintain', reason: 'its digest stays 0123' };
const base = { service, spec: declared(), record, decision: maintain, steps: [], now: Date.parse(at) };

describe('describeChange', () => {
  it('has nothing to say when nothing is to be done', () => assert.equal(describeChange(base), null));

  it('tells the first start from a roll', () => {
    assert.equal(describeChange({ ...base, record: fresh, decision: begin })?.action, 'create');
    assert.equal(describeChange({ ...base, decision: begin })?.action, 'roll');
  });

  it('says when and why the old one stops first', () => {
    const recreated = declared({ service: { strategy: 'recreate' } });
    const change = describeChange({ ...base, spec: recreated, decision: begin });
    assert.equal(change?.strategy, 'stop-first');
    assert.ok(change.steps.indexOf('stop the old containers') < change.steps.indexOf('start the new ones'));
  });

  it('says of what runs once that it ends, and nothing of an old one beside it', () => {
    const server = declared({ service: { restart: 'always' } });
    const first = describeChange({ ...base, record: fresh, decision: begin });
    assert.deepEqual([first?.strategy, first?.steps], [undefined, ['pull the image', 'start its container', 'wait for its end']]);
    assert.match(first?.reason ?? '', /; it runs once, and nothing has to make room for it$/);
    assert.equal(describeChange({ ...base, decision: begin })?.steps.at(-1), 'remove the old one');
    assert.equal(describeChange({ ...base, spec: server, decision: begin })?.strategy, 'start-first');
  });

  it('repairs by the steps of the planner', () => {
    const change = describeChange({ ...base, steps: [{ kind: 'stop', id: 'c1', reason: 'it is not needed any more' }] });
    assert.equal(change?.action, 'repair');
    assert.equal(change.steps.length, 1);
  });

  it('restarts where nothing else is to be done', () => {
    const start = { kind: 'start', id: 'c1' } as const;
    assert.equal(describeChange({ ...base, steps: [start] })?.action, 'restart');
    const look = { kind: 'look-again', afterMs: 1_500, reason: 'the gate' } as const;
    const { steps, waits } = describeChange({ ...base, steps: [start, look] }) ?? {};
    assert.deepEqual([steps?.length, waits], [1, ['the gate, looking again in 1.5 s']]);
    assert.equal(describeChange({ ...base, steps: [{ kind: 'create', slot: 0, name: 'web' }, start] })?.action, 'repair');
  });

  it('says what is amiss with what serves', () => {
    const create = (slot: number) => ({ kind: 'create', slot, name: `web.${slot}` }) as const;
    const reasonOf = (...steps: Parameters<typeof describeChange>[0]['steps']) => describeChange({ ...base, steps })?.reason;
    assert.equal(reasonOf(create(0)), 'a container of it is missing; its digest stays 0123');
    assert.equal(reasonOf({ kind: 'pull' }, create(0), create(1)), '2 containers of it are missing; its digest stays 0123');
    assert.equal(reasonOf({ kind: 'start', id: 'c1' }), 'its container does not run; its digest stays 0123');
    assert.equal(reasonOf({ kind: 'look-again', afterMs: 1, reason: 'it is frozen' }), 'it is frozen; its digest stays 0123');
    assert.equal(reasonOf({ kind: 'alias', id: 'c1' }), 'its digest stays 0123');
  });

  it('tells what a roll changes', () => {
    const serving = { ...ref, since: at, rollout: '01JZ0000000000000000000000', spec: declared({ env: { A: '1' } }) };
    const spec = declared({ env: { A: '2' } });
    const change = describeChange({ ...base, spec, record: { ...record, serving }, decision: begin });
    assert.deepEqual(change?.differences, [{ key: 'env.A', from: '1', to: '2' }]);
  });

  it('names what stands in the way, with or without steps', () => {
    const blocked = { ...record, waiting };
    assert.equal(describeChange({ ...base, record: blocked })?.problem?.code, 'PORT_TAKEN');
    const rolling = describeChange({ ...base, record: blocked, decision: begin });
    assert.match(rolling?.problem?.message ?? '', /port 80 is taken; tried again now$/);
    assert.ok((rolling?.steps.length ?? 0) > 0);
  });

  it('tells when it is tried again, never a moment that has passed, and none while another service is waited for', () => {
    const message = (code: string, retryAt: string) =>
      describeChange({ ...base, record: { ...record, waiting: { ...waiting, code, retryAt } } })?.problem?.message;
    assert.equal(message('PORT_TAKEN', '2026-01-01T00:00:05.000Z'), 'port 80 is taken; tried again at 2026-01-01T00:00:05.000Z');
    assert.equal(message('PORT_TAKEN', '2025-12-31T23:59:00.000Z'), 'port 80 is taken; tried again now');
    for (const code of ['DEPENDENCY_PENDING', 'DEPENDENCY_FAILED'])
      assert.equal(message(code, '2025-12-31T23:59:00.000Z'), 'port 80 is taken');
  });

  it('names an image that nobody has', () => {
    const decision: Decision = { kind: 'wait', code: 'IMAGE_UNRESOLVED', message: 'push it' };
    assert.deepEqual(describeChange({ ...base, record: fresh, decision }), {
      service,
      action: 'create',
      reason: 'push it',
      steps: [],
      problem: { code: 'IMAGE_UNRESOLVED', message: 'push it' },
    });
  });

  const unresolved = { kind: 'waiting', code: 'IMAGE_UNRESOLVED', message: 'the registry has no app:typo' } as const;

  it('names an image that nobody has, also while another one serves or a job waits for its instant', () => {
    const problem = { code: 'IMAGE_UNRESOLVED', message: 'the registry has no app:typo' };
    const reason = problem.message;
    const isAnswered = true;
    const serves: Decision = { kind: 'maintain', reason, unresolved: { ...unresolved, isAnswered } };
    const expected = { service, action: 'roll', reason, steps: [], problem } as const;
    assert.deepEqual(describeChange({ ...base, record, decision: serves, steps: [] }), expected);
    assert.deepEqual(describeChange({ ...base, record: { ...record, waiting }, decision: serves, steps: [] }), expected);
    const rests: Decision = { kind: 'rest', reason: 'a job', unresolved: { ...unresolved, isAnswered } };
    assert.deepEqual(describeChange({ ...base, record: fresh, decision: rests }), { ...expected, action: 'create' });
  });

  it('is going on, and has no problem, while nobody has looked the image up', () => {
    const decision: Decision = { kind: 'maintain', reason: 'x', unresolved: { ...unresolved, isAnswered: false } };
    const change = describeChange({ ...base, record, decision, steps: [] });
    assert.deepEqual([change?.action, change?.problem], ['roll', undefined]);
  });
});

describe('unplannedChange', () => {
  it('is a roll where something serves', () => {
    const problem = { code: 'GATE_PORT_UNKNOWN', message: 'set "port"' };
    assert.equal(unplannedChange({ service, record }, problem).action, 'roll');
    assert.equal(unplannedChange({ service, record: null }, problem).action, 'create');
  });
});
