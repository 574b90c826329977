import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileEdits, editHeaders, headerIn } from './header-edits.ts';

const edits = { set: { 'X-Env': 'prod', 'X-New': '' }, remove: ['X-Old'] };

function edited(headers: readonly string[], given = edits): string[] {
  const compiled = compileEdits(given);
  assert.ok(compiled);
  return editHeaders(headers, compiled);
}

describe('edits of headers', () => {
  for (const [what, headers, kept] of [
    ['set what was not there', ['A', '1'], ['A', '1']],
    ['replace what was there, however it is written, and as often as it was', ['x-env', 'a', 'A', '1', 'X_ENV', 'b'], ['A', '1']],
    ['remove, however it is written', ['X-OLD', 'a', 'x_old', 'b', 'A', '1'], ['A', '1']],
    ['leave values alone that look like names', ['A', 'X-Old', 'B', 'x-env'], ['A', 'X-Old', 'B', 'x-env']],
    ['leave a value alone that is followed by something else', ['A', 'X-Old', 'X-Old', 'A', 'B', '2'], ['A', 'X-Old', 'B', '2']],
    ['keep the order of others, and repetitions', ['B', '1', 'A', '2', 'B', '3'], ['B', '1', 'A', '2', 'B', '3']],
  ] as const) {
    it(what, () => assert.deepEqual(edited(headers), [...kept, 'X-Env', 'prod', 'X-New', '']));
  }

  it('are none without anything to edit', () => assert.deepEqual([compileEdits(), compileEdits({ set: {}, remove: [] })], [null, null]));

  it('never take a value for a name, nor a name for a value', () => {
    const text = fc.constantFrom('X-Old', 'x_env', 'X-Env', 'A', 'b');
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const kept = pairs.filter(([name]) => !['x-old', 'x-env', 'x-new'].includes(name.toLowerCase().replace('_', '-')));
        assert.deepEqual(edited(pairs.flat()), [...kept.flat(), 'X-Env', 'prod', 'X-New', '']);
      }),
    );
  });

  it('find the first value of a name', () => {
    assert.equal(headerIn(['a', 'accept', 'Accept', 'x', 'ACCEPT', 'y'], 'accept'), 'x');
    assert.equal(headerIn(['a', 'accept'], 'accept'), undefined);
  });
});
