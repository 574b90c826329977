import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationState, emptyLine } from './configuration-state.ts';

const rejected = 'the newest configuration is not in force: web/service.toml:3: unknown key';

describe('the state of the configuration', () => {
  for (const [revision, problem, state, line] of [
    ['r1', null, 'in-force', /^No service is declared yet: put a folder/],
    ['r1', 'whatever it would remove', 'held', /^No service is declared yet: put a folder/],
    [null, 'nobody has read one', 'unread', /no configuration has been read/],
    [null, rejected, 'rejected', /^No service is declared: the configuration was rejected, and there was none before\.$/],
    ['r1', 'secrets did not answer', 'unread', /in force; the newer one cannot be read\.$/],
    ['r1', rejected, 'rejected', /in force; the newer one was rejected\.$/],
  ] as const) {
    it(`is ${state} when the reconciler says so, whatever its sentence: revision ${revision} and "${problem}"`, () => {
      assert.equal(configurationState({ revision, problem, state }), state);
      assert.match(emptyLine({ revision, problem, state }), line);
    });
  }

  for (const [revision, problem, state] of [
    ['r1', null, 'in-force'],
    [null, null, 'unread'],
    ['r1', rejected, 'rejected'],
  ] as const) {
    it(`is ${state} where nobody says it, with revision ${revision} and "${problem}"`, () => {
      assert.equal(configurationState({ revision, problem }), state);
    });
  }
});
