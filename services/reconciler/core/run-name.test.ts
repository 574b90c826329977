import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Instant } from '@kedge/shared/contracts';
import { container, service } from '../testing/observed.ts';
import { planNameBack, runName } from './run-name.ts';

const instant = Instant.parse('2026-01-01T03:00:00.000Z');
const name = runName({ service, instant, attempt: '0abc' });
const state = { service, nameIsForeign: false };

describe('runName', () => {
  it('is one that the engine takes, and another one for each instant and attempt', () => {
    assert.equal(name, 'web.20260101T030000000Z.0abc');
    const others = [
      runName({ service, instant, attempt: '0abd' }),
      runName({ service, instant: Instant.parse('2026-01-01T03:00:01.000Z'), attempt: '0abc' }),
    ];
    assert.equal(new Set([name, ...others]).size, 3);
  });
});

describe('planNameBack', () => {
  it('gives the service’s name back to what was taken for a start, and to nothing else', () => {
    const back = { id: 'c1', name: 'web' };
    for (const container1 of [container({ name }), container({ name, state: 'exited' }), container({ name, state: 'created' })])
      assert.deepEqual(planNameBack({ ...state, containers: [container1] }), back);
    for (const other of ['web', 'web.1da64b80.0', 'other.20260101T030000000Z.0abc'])
      assert.equal(planNameBack({ ...state, containers: [container({ name: other })] }), null);
    assert.equal(planNameBack({ ...state, containers: [container({ name, state: 'removing' })] }), null);
  });

  it('gives it the name that it was made with where somebody else has the service’s', () => {
    const own = { id: 'c1', name: `web.${container().kedge?.release.slice(3, 11)}.0` };
    assert.deepEqual(planNameBack({ ...state, nameIsForeign: true, containers: [container({ name })] }), own);
    const named = container({ id: 'c2', name: 'web' });
    assert.deepEqual(planNameBack({ ...state, containers: [container({ name }), named] }), own);
    assert.equal(planNameBack({ ...state, containers: [container({ name }), named, container({ id: 'c3', name: own.name })] }), null);
  });
});
