import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { obstacleWords, ownTrouble, plannedLine } from './obstacle-words.ts';

describe('obstacle words', () => {
  it('are those of the obstacle, with its code', () =>
    assert.equal(obstacleWords({ code: 'PORT_TAKEN', message: '80 is taken' }), '80 is taken (PORT_TAKEN)'));

  it('are others where a component has lost its own connection', () => {
    const message = 'reading images/x did not work: the bus nats://bus does not answer; is the stack running?';
    const told = obstacleWords({ code: 'BUS_UNAVAILABLE', message });
    assert.equal(told, 'the reconciler has no connection to the bus for the moment, and goes on by itself (BUS_UNAVAILABLE)');
    assert.match(ownTrouble({ code: 'BUS_UNAVAILABLE' }, 'watcher') ?? '', /^the watcher has/);
  });

  it('stand in the place of the reason of a plan only there', () => {
    const problem = { code: 'BUS_UNAVAILABLE', message: 'x' };
    assert.match(plannedLine({ reason: 'reading images/x did not work', problem }), /^the reconciler has no connection/);
    assert.equal(plannedLine({ reason: 'under way', problem: { code: 'PORT_TAKEN', message: 'x' } }), 'under way');
    assert.equal(plannedLine({ reason: 'under way' }), 'under way');
  });
});
