import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { createLimitQueues } from './limit-queues.ts';
import { endpoints } from './testing/endpoints.ts';

const web = ServiceName.parse('web');
const ready = endpoints('web', [{ id: 'c1', port: 80 }]).targets;

function arrange(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const queues = createLimitQueues();
  const heard: string[] = [];
  let came = 0;
  const enter = (name: string, since = came++) =>
    queues.enter(
      { onTurn: () => void heard.push(`${name} goes`), onExpired: () => void heard.push(`${name} is late`) },
      { service: web, ready, limit: 2, waitMs: 100, since },
    );
  return { queues, heard, enter };
}

describe('requests that wait for room', () => {
  it('go one by one, in the order in which they came', (t) => {
    const { queues, heard, enter } = arrange(t);
    enter('a');
    enter('b');
    assert.equal(enter('c'), null);
    queues.freed('c2');
    queues.freed('c1');
    assert.deepEqual(heard, ['a goes']);
    queues.freed('c1');
    queues.freed('c1');
    assert.deepEqual(heard, ['a goes', 'b goes']);
    assert.equal(queues.isWaitedFor(web), false);
  });

  it('have their old place when they looked in vain', (t) => {
    const { queues, heard, enter } = arrange(t);
    enter('a');
    enter('b');
    queues.freed('c1');
    enter('a', 0);
    queues.freed('c1');
    assert.deepEqual(heard, ['a goes', 'a goes']);
  });

  it('are late after their time, and silent after they left', (t) => {
    const { queues, heard, enter } = arrange(t);
    const leave = enter('a');
    enter('b');
    leave?.();
    t.mock.timers.tick(100);
    queues.freed('c1');
    assert.deepEqual(heard, ['b is late']);
  });

  it('all look again when there may be others to take them', (t) => {
    const { queues, heard, enter } = arrange(t);
    enter('a');
    enter('b');
    queues.wakeAll();
    assert.deepEqual(heard, ['a goes', 'b goes']);
  });
});
