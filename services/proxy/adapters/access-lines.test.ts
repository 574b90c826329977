import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAccessLines } from './access-lines.ts';

describe('lines of requests', () => {
  it('have the form of the log, whatever clients put into them', () => {
    const lines: string[] = [];
    const { write } = createAccessLines({ instance: 'a"b', to: { write: (line) => void lines.push(line) } });
    write({ path: '/"}\n{"msg":"forged"}', status: 200, trace: null });
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
});
