import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEnvFileName } from './env-file-name.ts';

describe('the name of an env file', () => {
  for (const [path, is] of [
    ['web/.env', true],
    ['web/app.env.toml.txt', true],
    ['web/service.toml', false],
    ['dispenser.vars', false],
    ['prod.dispenser.vars', false],
  ] as const) {
    it(`${is ? 'is' : 'is not'} ${path}`, () => assert.equal(isEnvFileName(path), is));
  }
});
