import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BarRecord, type ReleaseRecord, releaseName, shortDigest } from '@kedge/shared/contracts';
import { declared } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import type { ImageChoice } from './choose-image.ts';
import { decideRollout, restoringStep } from './decide-rollout.ts';

const spec = declared();
const at = '2026-01-01T00:00:00.000Z';
const now = Date.parse('2026-01-01T00:01:00.000Z');
const rolloutId = '01JZ0000000000000000000000';
type Serving = NonNullable<ReleaseRecord['serving']>;
type Rollout = NonNullable<ReleaseRecord['rollout']>;

function choice(version: string): ImageChoice {
  return { kind: 'chosen', digest: digestOf(version), source: 'registry', reason: 'the registry says so' };
}
function serving(version: string): Serving {
  return {
    release: releaseName(spec, digestOf(version)),
    image: 'app:latest',
    digest: digestOf(version),
    source: 'registry',
    since: at,
    rollout: rolloutId,
  };
}
function rollout(version: string, changes: Partial<Rollout> = {}): Rollout {
  const { since: _since, rollout: _rollout, ...ref } = serving(version);
  return {
    ...ref,
    id: rolloutId,
    cause: 'image-updated',
    startedAt: at,
    from: null,
    strategy: 'start-first',
    strategyReason: '',
    step: 'begin',
    ...changes,
  };
}
function record(parts: Partial<ReleaseRecord>): ReleaseRecord {
  return { node: 'local' as ReleaseRecord['node'], service: spec.service.name, serving: null, rollout: null, ...parts };
}
function bar(version: string, of = '01JZ9999999999999999999999'): BarRecord['bars'][number] {
  return {
    release: releaseName(spec, digestOf(version)),
    digest: digestOf(version),
    reason: 'crashed',
    message: 'it crashed',
    rollout: of,
    at,
  };
}
const base = {
  spec,
  choice: choice('v2'),
  record: null,
  bars: [],
  declaration: 'now',
  rolling: 0,
  started: 0,
  requested: false,
  busy: false,
  returning: false,
  now,
};
const unresolved = { kind: 'waiting', code: 'IMAGE_UNRESOLVED', message: 'no app:typo', isAnswered: true } as const satisfies ImageChoice;
const waiting = { code: 'REGISTRY_ERROR', message: 'away', since: at, retryAt: '2026-01-01T00:02:00.000Z', failures: 1 };

function decide(given: Partial<Parameters<typeof decideRollout>[0]>): string {
  const decision = decideRollout({ ...base, ...given });
  return decision.kind === 'begin' ? `begin: ${decision.cause}` : decision.kind;
}

describe('the reason of a decision', () => {
  const [v1, v2] = [shortDigest(digestOf('v1')), shortDigest(digestOf('v2'))];
  const served = record({ serving: serving('v1') });
  const changed = declared({ service: { memory: '1g' } });
  const table = [
    ['a first start', {}, `it has no release yet; its digest is ${v2}: the registry says so`],
    ['another image', { record: served }, `its digest was ${v1} and is ${v2}: the registry says so`],
    ['another declaration', { record: served, spec: changed, choice: choice('v1') }, `its configuration changed; its digest stays ${v1}`],
    [
      'another declaration and image',
      { record: served, spec: changed },
      `its configuration changed; its digest was ${v1} and is ${v2}: the registry says so`,
    ],
    ['a request', { record: record({}), requested: true }, `somebody asked for it; its digest is ${v2}: the registry says so`],
    ['what serves as it is wanted', { record: served, choice: choice('v1') }, `its digest stays ${v1}`],
  ] as const;
  for (const [what, given, expected] of table)
    it(`tells of ${what} what is true of it`, () => {
      const decision = decideRollout({ ...base, ...given });
      assert.equal('reason' in decision && decision.reason, expected);
    });
});

describe('decideRollout', () => {
  it('begins the first start', () => assert.equal(decide({}), 'begin: first-start'));
  it('begins when the image changed', () => assert.equal(decide({ record: record({ serving: serving('v1') }) }), 'begin: image-updated'));
  it('begins when the declaration changed', () => {
    const changed = declared({ service: { memory: '1g' } });
    assert.equal(decide({ spec: changed, choice: choice('v1'), record: record({ serving: serving('v1') }) }), 'begin: config-changed');
  });
  it('knows when somebody asked', () =>
    assert.equal(decide({ record: record({ serving: serving('v1') }), requested: true }), 'begin: requested'));
  it('keeps what serves and is wanted', () => assert.equal(decide({ record: record({ serving: serving('v2') }) }), 'maintain'));

  it('goes on with what is wanted where what served cannot come back, and restores it where nothing else is wanted', () => {
    const undone = rollout('v2', { strategy: 'stop-first', step: 'cannot-restore' });
    const stuck = { serving: serving('v1'), rollout: undone, waiting };
    const { id, release, startedAt } = undone;
    const last = { rollout: id, release, startedAt, outcome: 'failed' as const, reason: 'it crashed', finishedAt: at };
    const over = { ...stuck, last };
    assert.equal(decide({ record: record(stuck), now: Date.parse(waiting.retryAt) }), 'roll');
    assert.equal(decide({ record: record(stuck), now: Date.parse(waiting.retryAt) - 1 }), 'restore');
    assert.equal(decide({ record: record({ ...stuck, rollout: { ...undone, step: 'restoring' } }) }), 'restore');
    const bars = [bar('v2', id)];
    assert.equal(decide({ record: record(over), bars }), 'restore');
    assert.equal(decide({ record: record(over) }), 'begin: image-updated', 'somebody lifted the verdict');
    const switched = { ...over, rollout: { ...undone, switchedAt: waiting.since } };
    assert.equal(decide({ record: record(switched), rolling: 1, bars }), 'restore', 'it is judged once');
    assert.equal(decide({ record: record(switched), rolling: 1, bars, choice: choice('v3') }), 'begin: image-updated');
    assert.equal(decide({ record: record(over), bars, choice: choice('v3') }), 'begin: image-updated');
    assert.equal(decide({ record: record(over), bars, choice: choice('v1') }), 'restore');
    assert.equal(decide({ record: record(over), bars: [...bars, bar('v3')], choice: choice('v3') }), 'restore');
  });

  it('waits for an image only where nothing serves', () => {
    assert.equal(decide({ choice: unresolved }), 'wait');
    assert.equal(decide({ choice: unresolved, record: record({ serving: serving('v1') }) }), 'maintain');
  });

  it('says what no image is known for, also where something else serves or a schedule starts it', () => {
    const serves = decideRollout({ ...base, choice: unresolved, record: record({ serving: serving('v1') }) });
    assert.deepEqual(serves, { kind: 'maintain', reason: 'no app:typo', unresolved });
    const job = declared({ dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });
    assert.partialDeepStrictEqual(decideRollout({ ...base, spec: job, choice: unresolved }), { kind: 'rest', unresolved });
    assert.equal('unresolved' in decideRollout({ ...base, record: record({ serving: serving('v2') }) }), false);
  });

  it('never begins a barred release', () => {
    assert.equal(decide({ bars: [bar('v2')] }), 'rest');
    assert.equal(decide({ bars: [bar('v2')], record: record({ serving: serving('v1') }) }), 'maintain');
  });

  it('begins a barred release again under another declaration, and drops no verdict that is not written down yet', () => {
    const before = [{ ...bar('v2', rolloutId), declaration: 'before' }];
    assert.equal(decide({ bars: before, record: record({ serving: serving('v1') }) }), 'begin: image-updated');
    assert.equal(decide({ bars: before, declaration: 'before', record: record({ serving: serving('v1') }) }), 'maintain');
    assert.equal(decide({ bars: before, record: record({ serving: serving('v1'), rollout: rollout('v2') }) }), 'judged');
  });

  it('goes on with a rollout, and looks after what serves while an obstacle is in the way', () => {
    const rolling = record({ serving: serving('v1'), rollout: rollout('v2') });
    assert.equal(decide({ record: rolling }), 'roll');
    assert.equal(decide({ record: { ...rolling, waiting } }), 'maintain');
    assert.equal(decide({ record: { ...rolling, waiting: { ...waiting, retryAt: at } } }), 'roll');
    assert.equal(decide({ record: record({ rollout: rollout('v2'), waiting }) }), 'roll');
  });

  it('leaves to its end what may end and is at work, whatever is in the way', () => {
    const once = declared({ service: { restart: 'no' } });
    const behind = (spec: typeof once, started: number) => {
      const rolling = rollout('v2', { release: releaseName(spec, digestOf('v2')) });
      return decide({ spec, rolling: 1, started, record: record({ serving: serving('v1'), rollout: rolling, waiting }) });
    };
    assert.deepEqual([behind(once, 1), behind(once, 0)], ['roll', 'maintain']);
    assert.equal(behind(declared({ service: { restart: 'on-failure' } }), 1), 'roll');
    assert.equal(behind(declared({ service: { restart: 'on-failure', replicas: 2 } }), 1), 'maintain');
    assert.equal(behind(declared({ service: { restart: 'always' } }), 1), 'maintain');
  });

  it('replaces a rollout that another release has overtaken', () => {
    assert.equal(
      decide({ choice: choice('v3'), record: record({ serving: serving('v1'), rollout: rollout('v2') }) }),
      'begin: image-updated',
    );
  });

  it('gives up a rollout when what is wanted serves already', () => {
    assert.equal(decide({ choice: choice('v1'), record: record({ serving: serving('v1'), rollout: rollout('v2') }) }), 'abandon');
  });

  it('finishes a rollout whose requests already moved', () => {
    const switched = record({ serving: serving('v1'), rollout: rollout('v2', { switchedAt: at }) });
    assert.equal(decide({ choice: choice('v3'), record: switched, rolling: 1 }), 'roll');
    assert.equal(decide({ choice: choice('v3'), record: switched, rolling: 0 }), 'begin: image-updated');
  });

  it('writes a verdict down that a crash kept from the record', () => {
    assert.equal(decide({ record: record({ serving: serving('v1'), rollout: rollout('v2') }), bars: [bar('v2', rolloutId)] }), 'judged');
  });

  it('brings the old release back before anything else', () => {
    const restoring = record({ serving: serving('v1'), rollout: rollout('v2', { step: restoringStep }) });
    assert.equal(decide({ record: restoring, choice: choice('v3'), bars: [bar('v2', rolloutId)] }), 'restore');
  });

  it('does not try again by itself what ran once and failed', () => {
    const last = {
      rollout: rolloutId,
      release: serving('v2').release,
      outcome: 'failed' as const,
      reason: 'crashed',
      startedAt: at,
      finishedAt: at,
    };
    assert.equal(decide({ record: record({ last }) }), 'rest');
    assert.equal(decide({ record: record({ last }), choice: choice('v3') }), 'begin: first-start');
  });

  it('starts on a trigger only: a change of the image, or a request', () => {
    const triggered = declared({ dispenser: { watch: true, initialize: 'on-trigger' } });
    const seen = record({ pinned: { image: 'app:latest', digest: digestOf('v2'), source: 'registry' } });
    const first = decideRollout({ ...base, spec: triggered });
    assert.deepEqual([first.kind, first.kind === 'rest' && first.pin?.digest], ['rest', digestOf('v2')]);
    assert.equal(decide({ spec: triggered, record: seen }), 'rest');
    assert.equal(decide({ spec: triggered, record: seen, choice: choice('v3') }), 'begin: first-start');
    assert.equal(decide({ spec: triggered, record: seen, requested: true }), 'begin: requested');
    const before = declared({ service: { image: 'app:latest', working_dir: '/' } });
    const edited = { ...seen, rollout: rollout('v2', { release: releaseName(before, digestOf('v2')) }) };
    assert.equal(decide({ spec: triggered, record: edited }), 'begin: first-start', 'it was triggered, and edited while it waited');
  });

  it('leaves a triggered job to its schedule, and waits for a run under way', () => {
    const job = declared({ dispenser: { watch: true, initialize: 'on-trigger', cron: '0 3 * * *' } });
    assert.equal(decide({ spec: job }), 'rest');
    assert.equal(decide({ spec: job, record: record({ serving: serving('v1') }) }), 'rest');
  });

  it('leaves the containers to a run under way, and keeps what starts again by itself', () => {
    const job = declared({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *' } });
    for (const version of ['v1', 'v2'])
      assert.equal(decide({ spec: job, busy: true, record: record({ serving: serving(version) }) }), 'rest');
    const service = declared({ service: { restart: 'always' }, dispenser: { watch: true, cron: '0 3 * * *' } });
    assert.equal(decide({ spec: service, busy: true, record: record({ serving: serving('v1') }) }), 'maintain');
    const rolling = rollout('v2', { release: releaseName(job, digestOf('v2')) });
    assert.equal(decide({ spec: job, busy: true, record: record({ rollout: rolling }) }), 'roll');
  });
});
