import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { planNaming } from './plan-naming.ts';

describe('planNaming', () => {
  const second = container({ id: 'c2', name: 'web.1.1', kedge: { slot: 1 } });
  const first = container({ id: 'c1', name: 'web.1.0' });

  it('gives the name to the container of the lowest slot', () =>
    assert.deepEqual(planNaming(planState({ keep: [second, first] })), [{ kind: 'rename', id: 'c1', name: 'web' }]));
  it('leaves it with whoever has it', () => assert.deepEqual(planNaming(planState({ keep: [{ ...second, name: 'web' }, first] })), []));
  it('leaves it to somebody else’s container', () => assert.deepEqual(planNaming(planState({ keep: [first], nameIsForeign: true })), []));
  it('needs somebody to give it to', () => assert.deepEqual(planNaming(planState()), []));
});
