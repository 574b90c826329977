import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inReadingOrder, problemList } from './problem-list.ts';

const problem = (file: string, line: number, column = 1) => ({ file, line, column, message: `${file}:${line}:${column}` });

describe('a list of problems', () => {
  it('is in reading order', () => {
    const said = problemList([problem('b', 1), problem('a', 10), problem('a', 9, 2), problem('a', 9)]).map(({ message }) => message);
    assert.deepEqual(said, ['a:9:1', 'a:9:2', 'a:10:1', 'b:1:1']);
  });

  it('tells what a loop repeats once', () => {
    const repeated = [0, 1, 2].map((index) => ({ ...problem('a', 1), message: `port[${index}].host: must be a port number` }));
    assert.deepEqual(
      inReadingOrder([...repeated, problem('a', 1), problem('a', 1), problem('a', 2)]).map(({ message }) => message),
      ['port[0].host: must be a port number', 'a:1:1', 'a:2:1'],
    );
  });

  it('is told whole up to a hundred, and then says how many more there are', () => {
    const many = Array.from({ length: 150 }, (_, index) => problem('a', index + 1));
    assert.equal(problemList(many.slice(0, 100)).length, 100);
    const cut = problemList(many);
    assert.equal(cut.length, 101);
    assert.deepEqual(cut.at(-1), {
      file: 'a',
      line: 101,
      column: 1,
      message: 'and 50 more from here on, in this file; mend those before first',
    });
    assert.equal(inReadingOrder(many).length, 150);
    assert.match(problemList([...many, problem('b', 1)]).at(-1)?.message ?? '', /and 51 more from here on, in 2 files/);
  });

  it('is cut where it would not fit into a message', () => {
    const long = Array.from({ length: 50 }, (_, index) => ({ ...problem('a', index + 1), message: 'é'.repeat(1_000) }));
    const told = problemList(long, { mostBytes: 20_000 });
    assert.equal(told.length, 10);
    assert.match(told.at(-1)?.message ?? '', /^and 41 more from here on/);
    assert.ok(Buffer.byteLength(JSON.stringify(told)) < 20_000);
    assert.equal(problemList(long, { most: Number.POSITIVE_INFINITY, mostBytes: 1_000_000 }).length, 50);
  });
});
