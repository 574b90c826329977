import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { endpoints } from '../testing/endpoints.ts';
import { adoptEndpoints, type KnownEndpoints } from './adopt-endpoints.ts';
import { type LeavingTarget, leavingTargets, planReport, type Told } from './plan-report.ts';

function known(entries: readonly (readonly [EndpointsEntry, number])[], before: KnownEndpoints | null = null): KnownEndpoints {
  const services = new Map(entries.map(([entry, sequence]) => [entry.service, { entry, revision: `e1.${sequence}` }]));
  return adoptEndpoints({ known: before, observed: { epoch: 'e1', settings: {}, unreadable: new Set(), services }, orphansExpired: false })
    .next;
}

const none: Told = { applied: new Map(), drained: new Set() };
const oldReady = endpoints('web', [{ id: 'old', port: 80 }]);
const oldDrains = endpoints('web', [
  { id: 'new', port: 81 },
  { id: 'old', port: 80, state: 'draining' },
]);
const oldGone = endpoints('web', [{ id: 'new', port: 81 }]);

interface Reported {
  readonly leaving?: readonly LeavingTarget[];
  readonly open?: Readonly<Record<string, number>>;
  readonly told?: Told;
}

function report(current: KnownEndpoints, { leaving = [], open = {}, told = none }: Reported): ReturnType<typeof planReport> {
  return planReport({ known: current, leaving, openOf: (target) => open[target] ?? 0, told });
}

describe('the record of a proxy', () => {
  it('shows every draining target, with 0 as the proof', () => {
    const before = known([[oldReady, 1]]);
    const after = known([[oldDrains, 2]], before);
    const leaving = leavingTargets({ before: [], known: before, next: after });
    assert.deepEqual(report(after, { leaving, open: { old: 2, new: 5 } }).open, { old: 2 });
    const quiet = report(after, { leaving, open: { new: 5 } });
    assert.deepEqual(quiet.open, { old: 0 });
    assert.deepEqual(
      quiet.newlyDrained.map(({ id, revision }) => [id, revision]),
      [['old', 'e1.2']],
    );
  });

  it('says that a target drained only once', () => {
    const after = known([[oldDrains, 2]]);
    const leaving = leavingTargets({ before: [], known: null, next: after });
    assert.deepEqual(report(after, { leaving, told: { applied: new Map(), drained: new Set(['old']) } }).newlyDrained, []);
  });

  it('shows a target that was taken away only while it has requests', () => {
    const before = known([[oldReady, 1]]);
    const after = known([[oldGone, 2]], before);
    const leaving = leavingTargets({ before: [], known: before, next: after });
    assert.deepEqual(report(after, { leaving, open: { old: 1 } }).open, { old: 1 });
    assert.deepEqual(report(after, { leaving }).open, {});
    assert.deepEqual(
      report(after, { leaving }).newlyDrained.map(({ id }) => id),
      ['old'],
    );
  });

  it('proves the removal of a service by its absence, and still shows its requests', () => {
    const before = known([[oldReady, 1]]);
    const after = known([], before);
    const leaving = leavingTargets({ before: [], known: before, next: after });
    assert.deepEqual(report(after, { leaving, open: { old: 3 } }), { applied: {}, open: { old: 3 }, newlyApplied: [], newlyDrained: [] });
  });

  it('forgets a target that came back into service', () => {
    const draining = known([[oldDrains, 2]]);
    const leaving = leavingTargets({ before: [], known: null, next: draining });
    const back = known([[oldReady, 3]], draining);
    assert.deepEqual(
      leavingTargets({ before: leaving, known: draining, next: back }).map(({ id }) => id),
      ['new'],
    );
  });

  it('keeps watching what left earlier', () => {
    const first = known([[oldReady, 1]]);
    const second = known([[oldGone, 2]], first);
    const leaving = leavingTargets({ before: [], known: first, next: second });
    assert.deepEqual(
      leavingTargets({ before: leaving, known: second, next: second }).map(({ id, listed }) => [id, listed]),
      [['old', false]],
    );
  });

  it('says that routes were applied when their content changed, and names the newest revision', () => {
    const first = known([[oldReady, 1]]);
    assert.deepEqual(report(first, {}).newlyApplied, [{ service: oldReady.service, revision: 'e1.1', contentRevision: 'e1.1' }]);
    const told = { applied: new Map([[oldReady.service, 'e1.1']]), drained: new Set<string>() };
    const paid = known([[oldReady, 2]], first);
    assert.deepEqual(report(paid, { told }), { applied: { web: 'e1.2' }, open: {}, newlyApplied: [], newlyDrained: [] });
    const changed = known([[oldDrains, 3]], paid);
    assert.deepEqual(
      report(changed, { told }).newlyApplied.map(({ revision }) => revision),
      ['e1.3'],
    );
  });
});
