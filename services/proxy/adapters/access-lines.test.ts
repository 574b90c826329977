import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAccessLines } from './access-lines.ts';

describe('lines of requests', () => {
  it('have the form of the log, whatever clients put into them', async () => {
    const lines: string[] = [];
    const { write, close } = createAccessLines({ instance: 'a"b', to: { write: (line) => void lines.push(line) } });
    write({ path: '/"}\n{"msg":"forged"}', status: 200, trace: null });
    await close();
    assert.equal(lines.length, 1);
    const { time, ...line } = JSON.parse(lines[0] ?? '');
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(line, {
      level: 'info',
      component: 'proxy',
      instance: 'a"b',
      path: '/"}\n{"msg":"forged"}',
      status: 200,
      trace: null,
      msg: 'request',
    });
    assert.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1);
  });

  it('are written several at a time, the last ones half a second late, each with its own time', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000 });
    const written: string[] = [];
    const { write } = createAccessLines({ instance: 'a', to: { write: (text) => void written.push(text) } });
    for (let count = 0; count < 65; count += 1) write({ count });
    assert.equal(written.length, 1);
    t.mock.timers.tick(499);
    assert.equal(written.length, 1);
    t.mock.timers.tick(1);
    const lines = written
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ count }) => count),
      Array.from({ length: 65 }, (_, index) => index),
    );
    assert.deepEqual(new Set(lines.map(({ time }) => time)), new Set(['1970-01-01T00:00:01.000Z']));
  });
});
