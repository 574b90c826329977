import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ImageReference, ServiceName } from '@kedge/shared/contracts';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import { systemClock } from '../adapters/system-clock.ts';
import type { DeclaredImage } from '../core/images/declared-images.ts';
import type { PlannedLook } from '../core/images/plan-looks.ts';
import type { Look } from '../look-at-image.ts';
import { createPlannedLooks, type PlannedLooks } from './planned-looks.ts';

const far = 600_000;
const failed: Look = { end: 'failed', reason: 'trouble', entry: null, trouble: null, afterMs: far };
const answered: Look = { end: 'answered', reason: 'unchanged', entry: null, trouble: null, afterMs: 20 };
const reference = ImageReference.parse('registry.example.com/web');
const web: DeclaredImage = { reference, watched: true, expected: true, delay: 60, services: [ServiceName.parse('web')] };
const planned: PlannedLook = { reference, watched: true, delay: 60, owned: true };

describe('planned looks', () => {
  let looks: PlannedLooks;
  let answer: () => Promise<Look>;
  /** Failures that each look was told about. */
  let told: number[];
  let lines: readonly string[];

  beforeEach(() => {
    [answer, told] = [async () => failed, []];
    const recording = recordingLog();
    lines = recording.lines;
    looks = createPlannedLooks({
      lookAtImage: async ({ failures }) => {
        told.push(failures);
        return await answer();
      },
      clock: systemClock,
      log: recording.log,
    });
  });
  afterEach(async () => await looks.close());

  const follow = (begin: readonly PlannedLook[], forget: readonly ImageReference[] = []) =>
    looks.follow({ begin, forget }, new Map([[reference, web]]));
  const said = (text: string) => lines.filter((line) => line.includes(text)).length;

  it('come again and again, each after its time', async () => {
    answer = async () => answered;
    follow([planned]);
    await waitUntil(() => told.length >= 3, { what: 'three looks' });
    assert.deepEqual(told.slice(0, 3), [0, 0, 0]);
  });

  it('come once where another member owns the image, and not at all where nobody declares it', async () => {
    answer = async () => answered;
    follow([{ ...planned, owned: false }]);
    looks.follow({ begin: [{ ...planned, reference: ImageReference.parse('other') }], forget: [] }, new Map([[reference, web]]));
    await waitUntil(() => told.length === 1, { what: 'the one look' });
    // A look of its own shows that no other one was under way.
    await looks.check(web);
    assert.equal(told.length, 2);
  });

  it('are not put off by checks, however many of them find the registry away', async () => {
    follow([planned]);
    await waitUntil(() => told.length === 1, { what: 'the planned look that fails' });
    for (let checks = 0; checks < 8; checks += 1) await looks.check(web);
    assert.deepEqual(told, [0, ...Array.from({ length: 8 }, () => 1)]);
    assert.deepEqual(looks.troubled(), [reference]);
    assert.equal(said('registry in trouble'), 1);
  });

  it('come back to the interval when a check is answered, although the next one was far away', async () => {
    follow([planned]);
    await waitUntil(() => told.length === 1, { what: 'the planned look that fails' });
    answer = async () => answered;
    await looks.check(web);
    await waitUntil(() => told.length >= 4, { what: 'planned looks after the check' });
    assert.deepEqual(told.slice(0, 4), [0, 1, 0, 0]);
    assert.deepEqual(looks.troubled(), []);
  });

  it('come soon when that is asked for, however far away the next one was', async () => {
    follow([planned]);
    await waitUntil(() => told.length === 1, { what: 'the planned look that fails' });
    looks.lookSoon(reference);
    await waitUntil(() => told.length === 2, { what: 'the second one' });
  });

  it('are one for all who ask at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<Look>();
    answer = async () => await promise;
    follow([planned]);
    await waitUntil(() => told.length === 1, { what: 'the planned look' });
    const checks = [looks.check(web), looks.check(web)];
    resolve(failed);
    assert.deepEqual([await Promise.all(checks), told.length], [[failed, failed], 1]);
  });

  it('wait for the bus where only that was missing, and come as soon as it is back', async () => {
    answer = async () => {
      throw new Error('the bus is away');
    };
    follow([planned]);
    await waitUntil(() => said('look at an image failed') === 1, { what: 'the look that fails' });
    answer = async () => ({ ...answered, afterMs: far });
    looks.lookAtUnasked();
    await waitUntil(() => told.length === 2, { what: 'the look afterwards' });
    assert.deepEqual(told, [0, 0]);
    looks.lookAtUnasked();
    await looks.check(web);
    assert.equal(told.length, 3, 'nothing waits for the bus any more');
  });

  it('end when the plan forgets the image, and so does what was known of it', async () => {
    follow([planned]);
    await waitUntil(() => looks.troubled().length === 1, { what: 'the planned look that fails' });
    assert.deepEqual([...looks.planned.keys()], [reference]);
    follow([], [reference]);
    looks.lookSoon(reference);
    await looks.check(web);
    assert.deepEqual([[...looks.planned.keys()], told], [[], [0, 0]]);
  });
});
