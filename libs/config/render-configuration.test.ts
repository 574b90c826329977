import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RenderReply } from '@kedge/shared/contracts';
import type { TextFile } from './ports.ts';
import { createRenderConfiguration } from './render-configuration.ts';
import { fingerprintKey } from './template/fingerprint.ts';

const key = fingerprintKey(new Uint8Array(32).fill(7));
const service = { path: 'web/service.toml', text: '[env]\nTOKEN = "${token}"\n' };

async function render(variableFiles: readonly TextFile[], files = [service]) {
  const reply = await createRenderConfiguration({
    folder: { readVariableFiles: async () => variableFiles, read: async () => null },
    key,
  })({ files });
  return RenderReply.parse(reply);
}

describe('renderConfiguration', () => {
  it('renders every file with the variables of the folder', async () => {
    const reply = await render(
      [{ path: 'dispenser.vars', text: 'token = "c4nary"' }],
      [service, { path: 'kedge.toml', text: 'delay = 2\n' }],
    );
    assert.deepEqual(
      reply.files.map(({ path, text, tainted }) => [path, text, tainted.map(({ secret }) => secret.ref)]),
      [
        ['web/service.toml', '[env]\nTOKEN = "c4nary"\n', ['web/service.toml#/env/TOKEN']],
        ['kedge.toml', 'delay = 2\n', []],
      ],
    );
    assert.deepEqual(reply.problems, []);
  });

  it('names the state of the variables by a fingerprint that changes with them, not with their order or files', async () => {
    const stateOf = async (...texts: string[]) =>
      (await render(texts.map((text, index) => ({ path: index === 0 ? 'dispenser.vars' : `${index}.dispenser.vars`, text })))).variables;
    const state = await stateOf('token = "c4nary"\na = "1"');
    assert.equal(await stateOf('a = "1"\ntoken = "c4nary" # same'), state);
    assert.equal(await stateOf('a = "1"', 'token = "c4nary"'), state);
    assert.notEqual(await stateOf('token = "c4nary"\na = "2"'), state);
    assert.notEqual(await stateOf('token = "c4nary"'), state);
    assert.match(state, /^[0-9a-f]{8}:[0-9a-f]{64}$/);
  });

  it('tells a value nowhere but in the rendered text', async () => {
    const broken = [
      { path: 'dispenser.vars', text: 'token = "c4nary"\nnumber = 5\n' },
      { path: 'x.dispenser.vars', text: 'y = "${token}" c4nary' },
    ];
    const templates = ['[${token}]\n', 'a = ${token}\n', '${tokn}', '${token|c4nary}', 'a = "${token}"\nb = "${token}${token}"\n'];
    for (const variables of [broken, [{ path: 'dispenser.vars', text: 'token = "c4nary"' }]]) {
      const reply = await render(
        variables,
        templates.map((text, index) => ({ path: `${index}.toml`, text })),
      );
      assert.ok(reply.problems.length > 0);
      const withoutText = { ...reply, files: reply.files.map(({ text: _text, ...rest }) => rest) };
      assert.ok(!JSON.stringify(withoutText).includes('c4nary'));
      assert.ok(JSON.stringify(reply).includes('c4nary'), 'the search itself finds the value where it may be');
    }
  });
});
