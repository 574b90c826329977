import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationState, emptyLine } from './configuration-state.ts';

const rejected = 'the newest configuration is not in force: web/service.toml:3: unknown key';

describe('the state of the configuration', () => {
  for (const [revision, problem, state, line] of [
    ['r1', null, 'in-force', /^No service is declared yet: put a folder/],
    ['r1', 'a configuration waits for "kedge apply --yes": it would remove web', 'held', /^No service is declared yet: put a folder/],
    [null, null, 'unread', /no configuration has been read/],
    [null, 'no configuration has been read yet', 'unread', /no configuration has been read/],
    [null, rejected, 'rejected', /^No service is declared: the configuration was rejected, and there was none before\.$/],
    ['r1', rejected, 'rejected', /in force; the newer one was rejected\.$/],
  ] as const) {
    it(`is ${state} with revision ${revision} and "${problem}"`, () => {
      assert.equal(configurationState({ revision, problem }), state);
      assert.match(emptyLine({ revision, problem }), line);
    });
  }
});
