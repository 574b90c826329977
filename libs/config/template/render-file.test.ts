import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { declareService } from '../grammar/declared-service.ts';
import { parseTemplate } from '../grammar/template-file.ts';
import { loadEngine } from './engine.ts';
import { fingerprintKey } from './fingerprint.ts';
import { fingerprintOf, renderedDocument, renderFile } from './render-file.ts';

const key = fingerprintKey(new Uint8Array(32).fill(7));
const values = new Map([
  ['pw', 'c4nary'],
  ['port', '80'],
]);
const path = 'web/service.toml';
const engine = await loadEngine();
const none = { secrets: new Set<string>(), unresolved: new Map() };

function render(text: string, complete = true) {
  return renderFile(engine, { path, text, variables: { values, complete, ...none }, key, sources: 'ask' });
}

describe('renderFile', () => {
  it('gives text, map and the tainted leaves with their place and fingerprint', () => {
    const text = '[env]\nPW = "${pw}"\n[[port]]\nhost = ${port}\n';
    const { file, problems } = render(text);
    assert.deepEqual(problems, []);
    assert.equal(file.text, '[env]\nPW = "c4nary"\n[[port]]\nhost = 80');
    assert.deepEqual(file.map.at(-1), [file.text.length, text.length - 1]);
    assert.deepEqual(
      file.tainted.map(({ pointer, origin, secret }) => [pointer, origin, secret.ref, secret.fingerprint]),
      [
        [['env', 'PW'], 'vars', 'web/service.toml#/env/PW', fingerprintOf(key, { ref: 'web/service.toml#/env/PW', value: 'c4nary' })],
        [
          ['port', 0, 'host'],
          'vars',
          'web/service.toml#/port/0/host',
          fingerprintOf(key, { ref: 'web/service.toml#/port/0/host', value: 80 }),
        ],
      ],
    );
    assert.ok(!JSON.stringify(file.tainted).includes('c4nary'));
  });

  it('gives the text of a file that is no TOML all the same, without taint', () => {
    const { file, problems } = render('a = = ${pw}');
    assert.deepEqual({ text: file.text, tainted: file.tainted, problems }, { text: 'a = = c4nary', tainted: [], problems: [] });
  });

  it('says where a variable is defined whose value breaks the file, unless the file gives it its value', () => {
    const variables = { values: new Map([['bad', '"']]), complete: true, ...none, definedAt: new Map([['bad', () => 'dispenser.vars:1']]) };
    const told = (text: string) =>
      renderFile(engine, { path, text, variables, key, sources: 'ask' }).problems.map(({ message }) => message);
    const defined = (text: string) => told(text).map((message) => message.includes('dispenser.vars'));
    assert.deepEqual(defined('A = "${bad}"\n'), [true]);
    assert.deepEqual(defined(`{% set bad = 'x"y' %}\nA = "\${bad}"\n`), [false]);
    assert.deepEqual(defined(`{% for bad in ['x"y'] %}\nA = "\${bad}"\n{% endfor %}\n`), [false]);
  });

  it('names the nearest variable, leaves the placeholder in and tells no value', () => {
    const { file, problems } = render('a = "${pww}"\nb = "${pw}"');
    assert.deepEqual(problems, [{ path, offset: 7, message: 'variable "pww" is not defined; add it to dispenser.vars', nearest: 'pw' }]);
    assert.ok(file.text.includes('${pww}'));
    assert.deepEqual(file.tainted, []);
    assert.ok(!JSON.stringify(problems).includes('c4nary'));
  });

  it('does not complain about names that may stand in a broken variable file', () => {
    assert.deepEqual(render('a = "${elsewhere}"', false).problems, []);
    assert.deepEqual(
      render('a = "${elsewhere}"\n{% if %}{% endif %}', false).problems.map(({ offset }) => offset),
      [19],
    );
  });

  it('never proposes a name that a variable made', () => {
    const variables = { values: new Map([['c4nary', '1']]), secrets: new Set<string>(), unresolved: new Map(), complete: true };
    const said = (made: readonly string[]) =>
      renderFile(engine, { path, text: 'a = "${c4narx}"', variables: { ...variables, made: new Set(made) }, key, sources: 'ask' }).problems;
    assert.equal(said([])[0]?.nearest, 'c4nary');
    assert.ok(!JSON.stringify(said(['c4nary'])).includes('c4nary'));
  });

  it('has one time for all its renderings, and what it takes for is told as that alone', () => {
    const slow =
      '[env]\nA = "${pw}"\n# ${ range(99999)|list|sort|unique|list|length }'.repeat(1) + '${ range(99999)|list|sort|length }'.repeat(200);
    const { problems, file } = render(slow);
    assert.deepEqual([problems.length, file.tainted], [1, []]);
    assert.match(problems[0]?.message ?? '', /takes longer than a configuration may/);
  });

  it('gives the document that a file amounts to, or null', () => {
    const of = (text: string) => renderedDocument({ engine, text, variables: { values, secrets: new Set() } });
    assert.deepEqual({ ...(of('a = ${port}\n') as object) }, { a: 80 });
    for (const broken of ['a = ${port', 'a = ${none}', 'a = ${pw}']) assert.equal(of(broken), null);
  });

  it('takes what a secret that nobody asked for is needed for as not checked, and checks the rest', () => {
    const source = { source: 'google', name: 'projects/1/secrets/K', version: 'latest' } as const;
    const variables = {
      values: new Map([...values, ['k', 'not-checked']]),
      secrets: new Set(['k']),
      unresolved: new Map([['k', source]]),
      complete: true,
    };
    const offline = (text: string) => renderFile(engine, { path, text, variables, key, sources: 'skip' });
    const text = '[env]\nA = "${ (k|split(":"))[1] }"\nB = "${pw}"\n[service]\ncpus = ${k}\n';
    const { file, problems, notChecked } = offline(text);
    assert.deepEqual(problems, []);
    assert.equal(file.text, '[env]\nA = "1"\nB = "c4nary"\n[service]\ncpus = 1');
    assert.deepEqual(
      file.tainted.map(({ pointer, origin }) => [pointer.join('.'), origin]),
      [
        ['env.A', 'secret-source'],
        ['env.B', 'vars'],
        ['service.cpus', 'secret-source'],
      ],
    );
    assert.deepEqual(
      notChecked.map(({ name, offset }) => [name, text.slice(offset, offset + 1)]),
      [
        ['k', 'k'],
        ['k', 'k'],
      ],
    );

    const asked = renderFile(engine, { path, text: '[env]\nA = "${ debug()|length }"\nB = "${k}"\n', variables, key, sources: 'ask' });
    assert.deepEqual(
      asked.problems.map(({ offset }) => offset),
      [14, 39],
    );
    assert.ok(asked.problems.every(({ message }) => message.includes('nobody is there to ask it')));

    const wrong = offline('A = "${ k|uper }"\n');
    assert.deepEqual([wrong.problems.length, wrong.notChecked.length], [1, 1]);
  });

  it('leaves no piece of a secret in any spec, whatever a template does with it', () => {
    const canary = 'ZQXJKVWYPMGT';
    const pieces = Array.from({ length: canary.length - 3 }, (_, index) => canary.slice(index, index + 4));
    const value = fc.constantFrom(
      'plain',
      '${v}',
      '${s}',
      'a-${ s[2:8] }-b',
      '${ s | upper | replace("T", "t") }',
      '{% for c in s %}${c}{% endfor %}',
      '{% set t %}${s}{% endset %}${t}',
      '{% if s %}${ [v, s] | join(":") }{% endif %}',
      '{% filter upper %}${s}{% endfilter %}',
    );
    const where = fc.constantFrom(
      (text: string) => `[env]\nA = "${text}"\n"B" = '${text}'\n`,
      (text: string) => `[env]\nA = "x" # ${text}\n`,
      (text: string) => `[env]\n${text} = "x"\n`,
      (text: string) => `[proxy]\nhost = "${text}"\nservice_port = 80\n`,
      (text: string) => `[[volume]]\nsource = "/${text}"\ntarget = "/x"\n`,
      (text: string) => `{% if s == "${text}" %}[env]\nA = "y"\n{% endif %}`,
      (text: string) => `[env]\nA = """\n${text}\n"""\n`,
      (text: string) => `[depends_on]\n"${text}" = "started"\n`,
    );
    const command = fc.constantFrom(
      '',
      'command = ["a", "VALUE"]\n',
      'command = "run VALUE"\n',
      'entrypoint = ["VALUE"]\n',
      'user = "VALUE"\n',
      'image = "VALUE"\n',
      'healthcheck = { test = ["CMD", "VALUE"] }\n',
      'logging = { options = { token = "VALUE" } }\n',
    );
    const variables = {
      values: new Map([
        ['s', canary],
        ['v', 'plain'],
      ]),
      secrets: new Set(['s']),
      unresolved: new Map(),
      complete: true,
    };
    let declared = 0;
    let sealed = 0;
    fc.assert(
      fc.property(value, value, where, command, (inside, other, table, line) => {
        const service = line.replace('VALUE', () => other);
        const image = service.startsWith('image') ? '' : 'image = "x:1"\n';
        const text = `[service]\nname = "web"\n${image}${service}[dispenser]\nwatch = false\n${table(inside)}`;
        const { file, problems } = renderFile(engine, { path, text, variables, key, sources: 'ask' });
        assert.ok(!pieces.some((piece) => JSON.stringify([file.tainted, file.map, problems]).includes(piece)));
        const parsed = parseTemplate({ path, source: text, rendered: file.text, map: file.map, tainted: file.tainted });
        if (problems.length > 0 || 'problems' in parsed) return;
        const { service: found, problems: wrong } = declareService({
          file: parsed.file,
          folder: 'web',
          within: { path: '/config', name: '/config' },
        });
        const told = JSON.stringify([found.spec, wrong]);
        assert.ok(!pieces.some((piece) => told.includes(piece)), told);
        if (found.spec) declared += 1;
        if (/#\/(env\/[AB]|service\/(command\/1|entrypoint\/0|healthcheck\/test\/1|logging\/options\/token))"/.test(told)) sealed += 1;
      }),
      { numRuns: 500 },
    );
    assert.ok(declared > 50 && sealed > 20, `${declared} specs, ${sealed} with a reference`);
  });
});
