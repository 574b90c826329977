import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RenderReply } from '@kedge/shared/contracts';
import type { TemplateFolder, TextFile } from './ports.ts';
import { createRenderConfiguration, createRenderOffline } from './render-configuration.ts';
import { fingerprintKey } from './template/fingerprint.ts';
import { fingerprintOf } from './template/render-file.ts';
import type { SecretAnswer, SecretStore } from './template/secret-store.ts';

const key = fingerprintKey(new Uint8Array(32).fill(7));
const service = { path: 'web/service.toml', text: '[env]\nTOKEN = "${token}"\n' };

function folderOf(variableFiles: readonly TextFile[], envFiles: Readonly<Record<string, string>> = {}): TemplateFolder {
  return {
    readVariableFiles: async () => variableFiles,
    read: async () => null,
    readEnvFile: async (path) => (Object.hasOwn(envFiles, path) ? { path, text: envFiles[path] ?? '' } : null),
  };
}

async function render(variableFiles: readonly TextFile[], files = [service]) {
  return RenderReply.strict().parse(await createRenderConfiguration({ folder: folderOf(variableFiles), key })({ files }));
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
        ['web/service.toml', '[env]\nTOKEN = "c4nary"', ['web/service.toml#/env/TOKEN']],
        ['kedge.toml', 'delay = 2', []],
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

  it('warns of a variable that no template can name, with and without a stack', async () => {
    const folder = folderOf([{ path: 'dispenser.vars', text: 'token = "c4nary"\na-b = "c4nary"\n' }]);
    for (const create of [createRenderConfiguration, createRenderOffline]) {
      const { warnings, problems } = await create({ folder, key })({ files: [service] });
      assert.deepEqual([problems, warnings?.map(({ path, offset }) => [path, offset])], [[], [['dispenser.vars', 17]]]);
      assert.match(warnings?.[0]?.message ?? '', /no template can name the variable "a-b"/);
    }
  });

  it('puts in what a secret source tells, by reference only, and what there is to mend at the variable', async () => {
    const text =
      'token = { source = "google", name = "projects/p/secrets/T" }\nother = { source = "google", name = "projects/p/secrets/O" }\n';
    const folder = folderOf([{ path: 'dispenser.vars', text }]);
    const answers: Record<string, SecretAnswer> = {
      'projects/p/secrets/T': { ok: true, value: 'c4nary' },
      'projects/p/secrets/O': { ok: true, value: 'x' },
    };
    const store: SecretStore = { access: async ({ name }) => answers[name] ?? { ok: false, reason: 'does not exist' } };
    const asked = async () =>
      await createRenderConfiguration({ folder, key, store })({ files: [service, { path: 'a.toml', text: 'host = "${token}"\n' }] });
    const before = await asked();
    assert.deepEqual(before.problems, []);
    assert.deepEqual(
      before.files.map(({ text: rendered, tainted }) => [rendered, tainted[0]?.origin]),
      [
        ['[env]\nTOKEN = "c4nary"', 'secret-source'],
        ['host = "c4nary"', 'secret-source'],
      ],
    );
    answers['projects/p/secrets/T'] = { ok: true, value: 'c4nary-2' };
    const after = await asked();
    assert.notEqual(after.variables, before.variables);
    assert.notEqual(after.files[0]?.tainted[0]?.secret.fingerprint, before.files[0]?.tainted[0]?.secret.fingerprint);
    answers['projects/p/secrets/O'] = { ok: false, reason: 'may not be read' };
    const { problems } = await asked();
    assert.deepEqual(problems, [{ path: 'dispenser.vars', offset: text.indexOf('other'), message: 'variable "other": may not be read' }]);
  });

  it('tells a file whose answer no message carries, with and without a stack', async () => {
    const lines = Array.from({ length: 4_000 }, (_, index) => `A${index} = "\${token}"`);
    const files = [{ path: 'web/service.toml', text: `[env]\n${lines.join('\n')}\n` }, service];
    const folder = folderOf([{ path: 'dispenser.vars', text: 'token = "c4nary"' }], {
      'a.env': 'NAME=x\n'.repeat(10),
      'b.env': [...lines, ...lines.map((line) => `B${line}`)].join('\n'),
    });
    for (const create of [createRenderConfiguration, createRenderOffline]) {
      const reply = await create({ folder, key })({ files, envFiles: ['a.env', 'b.env'] });
      assert.deepEqual(
        reply.problems.map(({ path, offset }) => [path, offset]),
        [
          ['web/service.toml', 0],
          ['b.env', 0],
        ],
      );
      assert.match(
        reply.problems[0]?.message ?? '',
        /is too large once its variables are filled in: it takes \d+ kB .* 770 kB fit into one message/,
      );
      assert.deepEqual(
        reply.files.map(({ tainted }) => tainted.length),
        [0, 1],
      );
      assert.deepEqual(
        reply.envFiles?.map(({ variables }) => variables?.length),
        [1, 0],
      );
    }
  });

  it('tells a value nowhere but in the rendered text', async () => {
    const broken = [
      { path: 'dispenser.vars', text: 'token = "c4nary"\nnumber = 5\n' },
      { path: 'x.dispenser.vars', text: 'y = "${token}" c4nary' },
    ];
    const templates = [
      '[${token}]\n',
      'a = ${token}\n',
      '${tokn}',
      '${token|nope}',
      '${token|int}',
      '${token.c4nary}',
      '${token() }',
      '{% include token %}',
      '{% nope %}',
      '${[1]|map(token)|list}',
      'a = "${token}"\nb = "${token}${token}"\n',
    ];
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

  describe('values in secret sources', () => {
    const vars = [
      { path: 'dispenser.vars', text: 'a = "1"\ntoken = { source = "google", name = "projects/p/secrets/T", version = "2" }\n' },
    ];

    it('are a problem where they are used, because nobody can ask for them yet', async () => {
      const { problems, files } = await render(vars, [service, { path: 'kedge.toml', text: 'delay = ${a}' }]);
      assert.deepEqual(
        problems.map(({ path, offset }) => [path, offset]),
        [['web/service.toml', service.text.indexOf('token')]],
      );
      assert.match(problems[0]?.message ?? '', /nobody is there to ask it/);
      assert.deepEqual(
        files.map(({ text }) => text),
        [service.text, 'delay = 1'],
      );
    });

    it('are listed where nobody wants to ask, with something harmless in their place', async () => {
      const { problems, notChecked, files } = await createRenderOffline({ folder: folderOf(vars), key })({ files: [service] });
      assert.deepEqual(problems, []);
      assert.deepEqual(notChecked, [
        {
          path: 'web/service.toml',
          offset: service.text.indexOf('token'),
          message: 'the value of the variable "token" lies in a secret source, which was not asked',
          variable: 'token',
          source: { source: 'google', name: 'projects/p/secrets/T', version: '2' },
        },
      ]);
      assert.deepEqual(
        files[0]?.tainted.map(({ pointer, origin }) => [pointer, origin]),
        [[['env', 'TOKEN'], 'secret-source']],
      );
    });

    it('are part of the state of the variables', async () => {
      const other = vars.map(({ path, text }) => ({ path, text: text.replace('"2"', '"3"') }));
      assert.notEqual((await render(vars, [])).variables, (await render(other, [])).variables);
    });
  });

  describe('env files', () => {
    const envFiles = { 'web/app.env': 'A=c4nary\nB=2\n', 'bad.env': 'A=1\noops c4nary\n' };
    const ask = async (...paths: string[]) =>
      RenderReply.parse(await createRenderConfiguration({ folder: folderOf([], envFiles), key })({ files: [], envFiles: paths }));

    it('are told by their names and fingerprints, in their order', async () => {
      const reply = await ask('web/app.env', 'none.env');
      const secret = (name: string, value: string) => {
        const ref = `web/app.env#/${name}`;
        return { name, secret: { ref, fingerprint: fingerprintOf(key, { ref, value }) } };
      };
      assert.deepEqual(reply.envFiles, [
        { path: 'web/app.env', variables: [secret('A', 'c4nary'), secret('B', '2')] },
        { path: 'none.env', variables: null },
      ]);
      assert.deepEqual(reply.problems, []);
      assert.ok(!JSON.stringify(reply).includes('c4nary'));
    });

    it('are refused with their line, and without what stands there', async () => {
      const { problems } = await ask('bad.env', 'web/x.toml', 'dispenser.vars');
      assert.deepEqual(
        problems.map(({ path, offset }) => [path, offset]),
        [
          ['bad.env', 4],
          ['web/x.toml', 0],
          ['dispenser.vars', 0],
        ],
      );
      assert.match(problems[0]?.message ?? '', /^line 2 /);
      assert.ok(!JSON.stringify(problems).includes('c4nary'));
    });

    it('are not mentioned where nobody asked', async () => assert.equal(Object.hasOwn(await render([]), 'envFiles'), false));
  });
});
