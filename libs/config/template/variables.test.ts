import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { mergeVariables } from './variables.ts';

const engine = await loadEngine();

function merged(files: Readonly<Record<string, string>>) {
  const { values, problems, complete } = mergeVariables({ engine, files: Object.entries(files).map(([path, text]) => ({ path, text })) });
  return { values: Object.fromEntries(values), problems, complete };
}

describe('mergeVariables', () => {
  it('merges in order: the later file wins, whatever the order of its name', () => {
    assert.deepEqual(
      merged({ 'dispenser.vars': 'a = "1"\nb = "1"\n', 'x.dispenser.vars': 'b = "2"\nc = "2"\n', 'y.dispenser.vars': 'c = "3"\n' }),
      {
        values: { a: '1', b: '2', c: '3' },
        problems: [],
        complete: true,
      },
    );
  });

  it('says of a name where the file that wins defines it, and nothing where that is not known', () => {
    const files = { 'dispenser.vars': 'a = "1"\nb = "1"\nc = "1"\nname = "a"\n', 'x.dispenser.vars': '\nb = "2"\n"${name}" = "3"\n' };
    const { values, definedAt } = mergeVariables({ engine, files: Object.entries(files).map(([path, text]) => ({ path, text })) });
    assert.equal(values.get('a'), '3');
    assert.deepEqual(Object.fromEntries([...definedAt].map(([name, whereIs]) => [name, whereIs()])), {
      b: 'x.dispenser.vars:2',
      c: 'dispenser.vars:3',
      name: 'dispenser.vars:4',
    });
  });

  it('renders secondary files with the primary variables, and the primary file not at all', () => {
    assert.deepEqual(
      merged({ 'dispenser.vars': 'host = "h"\nraw = "${host}"\n', 'x.dispenser.vars': 'url = "http://${ host }/"\n' }).values,
      {
        host: 'h',
        raw: '${host}',
        url: 'http://h/',
      },
    );
  });

  it('does not render secondary files with each other', () => {
    const files = { 'dispenser.vars': 'host = "1"\n', 'x.dispenser.vars': 'b = "2"\n', 'y.dispenser.vars': 'c = "${b}${hots}"\n' };
    const message = (name: string) => `variable "${name}" is not defined; add it to dispenser.vars`;
    assert.deepEqual(merged(files), {
      values: { host: '1', b: '2' },
      problems: [
        { path: 'y.dispenser.vars', offset: 7, message: message('b') },
        { path: 'y.dispenser.vars', offset: 11, message: message('hots'), nearest: 'host' },
      ],
      complete: false,
    });
  });

  it('warns of a file that is passed over, and goes on without it', () => {
    const gone = { text: null, trouble: 'it is a link that leads nowhere', isPassedOver: true };
    for (const path of ['dispenser.vars', 'gone.dispenser.vars']) {
      const files = [
        { path, ...gone },
        { path: 'x.dispenser.vars', text: 'a = "1"\n' },
      ];
      const { values, problems, warnings, complete } = mergeVariables({ engine, files });
      assert.deepEqual([Object.fromEntries(values), problems, complete], [{ a: '1' }, [], true]);
      const message = 'is passed over: it is a link that leads nowhere; lead it to a file, or take it out';
      assert.deepEqual(warnings, [{ path, offset: 0, message }]);
    }
  });

  it('has nothing to say without any file', () => assert.deepEqual(merged({}), { values: {}, problems: [], complete: true }));

  const notText: readonly (readonly [line: string, name: string])[] = [
    ['x = 5', 'x'],
    ['x = true', 'x'],
    ['x = ["c4nary"]', 'x'],
    ['x = 2026-01-01', 'x'],
    ['x = { a = "c4nary" }', 'x'],
    ['[x]\na = "c4nary"', 'x'],
    ['"x" = 5', 'x'],
    ['x.y = "c4nary"', 'x'],
    ['constructor = 5', 'constructor'],
  ];
  for (const [line, name] of notText) {
    it(`wants text instead of ${JSON.stringify(line)}`, () => {
      const before = 'a = """\nx = 1\n"""\nxx = "x"\n';
      const { problems, complete, values } = merged({ 'dispenser.vars': `${before}${line}\n` });
      const message = `variable "${name}" must be text: write its value in quotes, at the top level of the file`;
      const offset = before.length + line.search(/[^[]/);
      assert.deepEqual(problems, [{ path: 'dispenser.vars', offset, message }]);
      assert.equal(complete, false);
      assert.deepEqual(values, { a: 'x = 1\n', xx: 'x' });
    });
  }

  it('says what is wrong with a secret source, at its place', () => {
    const { problems } = merged({ 'dispenser.vars': 'a = "1"\ndb = { source = "vault", name = "projects/1/secrets/DB" }\n' });
    assert.deepEqual(
      problems.map(({ offset, message }) => [offset, message]),
      [[8, 'variable "db": this secret source is not known; it is { source = "google", name = "projects/PROJECT/secrets/NAME" }']],
    );
  });

  describe('secret sources', () => {
    const primary = 'host = "h"\ndb = { source = "google", name = "projects/1/secrets/DB" }\nproject = "p"\n';
    const secondary =
      'url = "pg://u:${db}@${host}/x"\nplain = "${host}"\nother = { source = "google", name = "projects/${project}/secrets/O", version = "3" }\n';
    const files = { 'dispenser.vars': primary, 'x.dispenser.vars': secondary };
    const all = (given: Readonly<Record<string, string>>) =>
      mergeVariables({ engine, files: Object.entries(given).map(([path, text]) => ({ path, text })) });

    it('mark their variables, and those that are made of them', () => {
      const { secrets, unresolved, problems, values } = all(files);
      assert.deepEqual(problems, []);
      assert.deepEqual([...secrets].toSorted(), ['db', 'other', 'url']);
      assert.deepEqual([...unresolved.keys()].toSorted(), ['db', 'other', 'url']);
      assert.deepEqual(unresolved.get('other'), { source: 'google', name: 'projects/p/secrets/O', version: '3' });
      assert.equal(values.get('plain'), 'h');
    });

    it('are forgotten where a later file says the text', () => {
      const { secrets, unresolved, values } = all({ ...files, 'y.dispenser.vars': 'db = "text"\nurl = "u"\n' });
      assert.deepEqual([[...secrets], [...unresolved.keys()], values.get('db')], [['other'], ['other'], 'text']);
    });

    it('decide no names of variables', () => {
      const { problems } = all({ ...files, 'x.dispenser.vars': 'a = "1"\n"${db}" = "x"\n' });
      assert.deepEqual(
        problems.map(({ path, offset }) => [path, offset]),
        [['x.dispenser.vars', 9]],
      );
      assert.match(problems[0]?.message ?? '', /TAINTED_NOT_ALLOWED/);
    });
  });

  it('renders whole templates: conditions, loops and filters', () => {
    const source =
      '{% if env == "prod" -%}\nhost = "${ name | upper }"\n{%- else %}nothing = "x"{% endif %}\n{% for i in range(2) %}v${i} = "${i}"\n{% endfor %}';
    assert.deepEqual(merged({ 'dispenser.vars': 'env = "prod"\nname = "web"\n', 'x.dispenser.vars': source }).values, {
      env: 'prod',
      name: 'web',
      host: 'WEB',
      v0: '0',
      v1: '1',
    });
  });

  it('points into the source of a secondary file, not into what it renders to', () => {
    const source = 'u = "${longname}"\nbad = = "c4nary"\n';
    const { problems } = merged({ 'dispenser.vars': 'longname = "c4nary-with-a-long-value"\n', 'x.dispenser.vars': source });
    assert.deepEqual(problems, [
      {
        path: 'x.dispenser.vars',
        offset: source.indexOf('= "c4nary"'),
        message: 'not valid TOML: a value was expected here: text in quotes, a number, true or false, [ an array ] or { a table }',
      },
    ]);
  });

  for (const [key, name] of [
    ['a', 'a'],
    ['"a"', 'a'],
    ["'a'", 'a'],
  ] as const) {
    it(`points at the second definition of a variable within one file, written as ${key}`, () => {
      const source = `a = "c4nary-1"\nb = "x"\n${key} = "c4nary-2"\n`;
      const { problems, complete } = merged({ 'dispenser.vars': source });
      const message = `variable "${name}" is defined a second time here; keep one of the two`;
      assert.deepEqual(problems, [{ path: 'dispenser.vars', offset: source.lastIndexOf(`${key} =`), message }]);
      assert.equal(complete, false);
    });
  }

  it('points at the second definition in the source of a secondary file', () => {
    const source = 'u = "${longname}"\nu = "x"\n';
    const { problems } = merged({ 'dispenser.vars': 'longname = "c4nary-with-a-long-value"\n', 'x.dispenser.vars': source });
    assert.deepEqual(
      problems.map(({ offset, message }) => [offset, message]),
      [[source.lastIndexOf('u ='), 'variable "u" is defined a second time here; keep one of the two']],
    );
  });

  it('points at the variable whose value breaks a secondary file', () => {
    const { problems } = merged({ 'dispenser.vars': `pw = 'c4n"ary'\n`, 'x.dispenser.vars': 'a = "1"\nurl = "http://${pw}@host/"\n' });
    assert.equal(problems[0]?.offset, 22);
    assert.match(
      problems[0].message,
      /the value of the variable "pw" contains a character that ends the text around it.*; write '\$\{pw\}' here \(defined in dispenser\.vars:1\)$/,
    );
    assert.ok(!JSON.stringify(problems).includes('c4n'));
    const own = merged({ 'dispenser.vars': `pw = 'fine'\n`, 'x.dispenser.vars': `{% set pw = 'x"y' %}\na = "\${pw}"\n` }).problems;
    assert.match(own[0]?.message ?? '', /; write '\$\{pw\}' here$/);
  });

  it('tells all that is wrong with a file, with what is no TOML, with its expressions and with what is no text', () => {
    const told = (files: Readonly<Record<string, string>>) =>
      merged(files).problems.map(
        ({ path, offset, message }) => `${path} ${offset} ${message.replace(/^not valid TOML: /, '').split(/[;,:]/)[0]}`,
      );
    assert.deepEqual(told({ 'dispenser.vars': 'a = 5\nb = oops\nc = "x\nd = "1"\nd = "2"\n' }), [
      'dispenser.vars 0 variable "a" must be text',
      'dispenser.vars 10 a value was expected here',
      'dispenser.vars 21 the text has no closing quote in this line',
      'dispenser.vars 30 variable "d" is defined a second time here',
    ]);
    const text = 'b = oops\nc = "${nope}"\nd = "x\ne = "${a | uper}"\nf = "${"\ng = 5\nh = "${a}" z\n';
    assert.deepEqual(told({ 'dispenser.vars': 'a = "1"\n', 'x.dispenser.vars': text }), [
      'x.dispenser.vars 4 a value was expected here',
      'x.dispenser.vars 16 variable "nope" is not defined',
      'x.dispenser.vars 29 the text has no closing quote in this line',
      'x.dispenser.vars 41 there is no such filter',
      'x.dispenser.vars 53 "${" is never closed with "}"',
      'x.dispenser.vars 57 variable "g" must be text',
    ]);
    // What looks like a template may be a password.
    for (const password of ['${a|c4nary}', '${a is c4nary}', '{% c4nary %}']) {
      const { problems } = merged({ 'dispenser.vars': 'a = "1"\n', 'x.dispenser.vars': `b = "${password}"\n` });
      assert.match(problems.map(({ message }) => message).join(), /^there is no such (?:filter|test|statement)$/);
    }
    const broken = { 'dispenser.vars': `a = 'c4n"ary'\n`, 'x.dispenser.vars': 'b = "${a}"\nc = "${a}"\nd = 5\n' };
    assert.deepEqual(told(broken), [
      'x.dispenser.vars 5 the value of the variable "a" contains a character that ends the text around it',
      'x.dispenser.vars 16 the value of the variable "a" contains a character that ends the text around it',
      'x.dispenser.vars 22 variable "d" must be text',
    ]);
    assert.ok(!JSON.stringify(merged(broken).problems).includes('c4n'));
  });

  it('shows one problem for a broken primary file, not one for each use of its variables', () => {
    const { problems, complete } = merged({ 'dispenser.vars': 'a = "c4nary', 'x.dispenser.vars': 'b = "${a}"\nc = "${a b}"\n' });
    assert.deepEqual(
      problems.map(({ path, offset }) => [path, offset]),
      [
        ['dispenser.vars', 4],
        ['x.dispenser.vars', 16],
      ],
    );
    assert.equal(complete, false);
    assert.ok(!JSON.stringify(problems).includes('c4nary'));
  });

  it('reports a file that cannot be read', () => {
    assert.deepEqual(mergeVariables({ engine, files: [{ path: 'x.dispenser.vars', text: null, trouble: 'EACCES' }] }).problems, [
      { path: 'x.dispenser.vars', offset: 0, message: 'cannot be read: EACCES' },
    ]);
  });
});
