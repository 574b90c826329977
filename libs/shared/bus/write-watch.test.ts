import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWriteWatch } from './write-watch.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

describe('a watch on writes', () => {
  it('tells of several that failed in a row, since the first one', () => {
    let minute = 0;
    const watch = createWriteWatch(() => at(minute));
    watch.failed('timeout');
    assert.equal(watch.trouble(), null, 'one may fail because the server was busy');
    minute = 5;
    watch.failed('no space left');
    const trouble = watch.trouble();
    assert.deepEqual(trouble?.since, at(0));
    assert.match(trouble.message, /takes no writes \(no space left\).*docker compose logs nats/);
  });

  it('tells no more once one was taken', () => {
    const watch = createWriteWatch();
    for (const reason of ['timeout', 'timeout']) watch.failed(reason);
    watch.worked();
    assert.equal(watch.trouble(), null);
    watch.failed('timeout');
    assert.equal(watch.trouble(), null);
  });
});
