import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeStep, joinSteps, type Step, shortId } from './step.ts';

const look = (afterMs: number): Step => ({ kind: 'look-again', afterMs, reason: `after ${afterMs}` });
const stop: Step = { kind: 'stop', id: 'c'.repeat(64), reason: 'its release left service' };

describe('joinSteps', () => {
  it('does everything first, and ends with the earliest look alone', () => {
    assert.deepEqual(joinSteps([stop, look(500)], [{ kind: 'finish' }, look(250)]), [stop, { kind: 'finish' }, look(250)]);
    assert.deepEqual(joinSteps([], []), []);
  });
});

describe('describeStep', () => {
  it('says in a few words what is done to what, and why', () => {
    assert.equal(describeStep(stop), 'stop cccccccccccc: its release left service');
    assert.equal(describeStep(look(1_500)), 'after 1500, looking again in 1.5 s');
    assert.equal(describeStep(look(287_700)), 'after 287700, looking again in 288 s');
    assert.equal(describeStep({ kind: 'rename', id: 'c1', name: 'web' }), 'rename c1 to web');
    assert.match(
      describeStep({ kind: 'unproven', openRequests: 1, waitingFor: ['p1', 'p2'] }),
      /proof of p1, p2 \(requests known to be open: 1\)/,
    );
  });
  it('shortens ids as the engine’s own tools do', () => assert.equal(shortId('0123456789abcdef'), '0123456789ab'));
});
