import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { createLimitQueues } from './limit-queues.ts';

const web = ServiceName.parse('web');

function arrange(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const queues = createLimitQueues();
  const heard: string[] = [];
  const enter = (name: string, limit = 2) =>
    queues.enter(
      { onTurn: () => void heard.push(`${name} goes`), onExpired: () => void heard.push(`${name} is late`) },
      { service: web, limit, waitMs: 100 },
    );
  return { queues, heard, enter };
}

describe('requests that wait for room', () => {
  it('go one by one, in the order in which they came', (t) => {
    const { queues, heard, enter } = arrange(t);
    enter('a');
    enter('b');
    assert.equal(enter('c'), null);
    queues.freed(ServiceName.parse('api'));
    queues.freed(web);
    assert.deepEqual(heard, ['a goes']);
    queues.freed(web);
    queues.freed(web);
    assert.deepEqual(heard, ['a goes', 'b goes']);
    assert.equal(queues.isWaitedFor(web), false);
  });

  it('are late after their time, and silent after they left', (t) => {
    const { queues, heard, enter } = arrange(t);
    const leave = enter('a');
    enter('b');
    leave?.();
    t.mock.timers.tick(100);
    queues.freed(web);
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
