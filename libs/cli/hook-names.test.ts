import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment } from '@kedge/shared/service';
import { z } from 'zod';
import { HookNames } from './hook-names.ts';

const read = (text?: string) => readEnvironment(z.object({ KEDGE_HOOKS: HookNames }), { KEDGE_HOOKS: text }).KEDGE_HOOKS;

describe('the names of hooks', () => {
  for (const [text, names] of [
    [undefined, []],
    ['', []],
    ['backup', ['backup']],
    [' backup , audit_log,,two-2, ', ['backup', 'audit_log', 'two-2']],
    [' , ,', []],
  ] as const) {
    it(`are read from "${text ?? 'nothing'}"`, () => assert.deepEqual(read(text), names));
  }

  for (const [text, wrong, example] of [
    ['my.hook', 'my.hook', ', for example "my-hook"'],
    ['fine,ok one', 'ok one', ', for example "ok-one"'],
    ['back>up*', 'back>up*', ', for example "back-up"'],
    ['*', '*', ''],
  ] as const) {
    it(`refuse "${wrong}", and say what to write`, () => {
      const told = `"${wrong}" is not the name of a hook: write it with letters, digits, "_" and "-"${example}, and a comma between two names`;
      assert.throws(() => read(text), { code: 'CONFIG_INVALID', message: `the environment is not valid: KEDGE_HOOKS: ${told}` });
    });
  }

  it('are refused all at once', () => assert.throws(() => read('a.b,c,d.e'), /"a\.b" is not .*; KEDGE_HOOKS: "d\.e" is not /));
});
