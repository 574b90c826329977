import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPlaceProblems } from './render-problems.ts';

const place = createPlaceProblems({ variablesText: async (path) => (path === 'dispenser.vars' ? 'a = "1"\ntoken = c4nary\n' : null) });
const web = { path: 'web/service.toml', text: '[service]\nname = "${n}"\n' };

describe('problems of a rendering', () => {
  it('are told with line, column and line of a template, and the nearest name', async () => {
    assert.deepEqual(await place([{ path: web.path, offset: 20, message: 'is not defined', nearest: 'm' }], [web]), [
      { file: web.path, line: 2, column: 11, message: 'is not defined', excerpt: 'name = "${n}"', nearest: 'm' },
    ]);
  });

  it('are told with the line of a file of variables counted, and never shown', async () => {
    const [problem] = await place([{ path: 'dispenser.vars', offset: 16, message: 'is no TOML' }], [web]);
    assert.deepEqual(problem, { file: 'dispenser.vars', line: 2, column: 9, message: 'is no TOML' });
  });

  it('are told at the beginning of a file that is gone', async () => {
    const [problem] = await place([{ path: 'x.dispenser.vars', offset: 16, message: 'cannot be read' }], []);
    assert.deepEqual(problem, { file: 'x.dispenser.vars', line: 1, column: 1, message: 'cannot be read' });
  });

  it('call a file as it is shown, and each is told once', async () => {
    const problem = { path: web.path, offset: 0, message: 'x' };
    const found = await place([problem, { ...problem }], [{ ...web, shownAs: '${n}/service.toml' }]);
    assert.deepEqual(
      found.map(({ file }) => file),
      ['${n}/service.toml'],
    );
  });

  it('are told of a file of variables that is read once, however many there are', async () => {
    const read: string[] = [];
    const variablesText = async (path: string) => {
      read.push(path);
      return 'a = 5\n'.repeat(100);
    };
    const problems = Array.from({ length: 100 }, (_, line) => ({ path: 'dispenser.vars', offset: line * 6, message: 'must be text' }));
    const found = await createPlaceProblems({ variablesText })(problems, []);
    assert.deepEqual(
      found.map(({ line }) => line),
      problems.map((_, line) => line + 1),
    );
    assert.deepEqual(read, ['dispenser.vars']);
  });
});
