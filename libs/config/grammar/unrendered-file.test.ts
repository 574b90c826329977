import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { problemAt } from './template-file.ts';
import { readFaulty, readUnrendered } from './unrendered-file.ts';

const read = (source: string) => readUnrendered('web/service.toml', source).tables;

describe('a file whose variables could not be filled in', () => {
  it('is read without what depends on them', () => {
    const found = read(
      '[service]\nname = "web"\nimage = "nginx:${tag}"\ncpus = ${ cpus }\nuser = "${a}${b}"\n{# ${x} #}\n[[port]]\nhost = ${p}\n',
    );
    assert.deepEqual(found?.unknown, [
      ['service', 'image'],
      ['service', 'cpus'],
      ['service', 'user'],
      ['port', 0, 'host'],
    ]);
  });

  it('has its places where they are written, also when an expression begins it', () => {
    const found = read('${x} = 1\n[service]\nname = "${n}" # ${c}\nuser = 5\n');
    assert.ok(found);
    const { line, column, excerpt } = problemAt(found.file, { pointer: ['service', 'user'], message: '' });
    assert.deepEqual([line, column, excerpt], [4, 8, 'user = 5']);
  });

  it('has no keys that an expression has a part in', () => {
    assert.deepEqual(read('[env]\n"${n}" = "a"\nB = "b"\n')?.file.root, { env: { B: 'b' } });
  });

  it('knows what is written like something that stands for an expression', () => {
    const found = read('[service]\nimage = "Nginx:7707"\nuser = "a707"\nname = "${n}"\nhostname = "${}"\n');
    assert.deepEqual(found?.unknown, [
      ['service', 'name'],
      ['service', 'hostname'],
    ]);
  });

  it('is read around statements, and what they decide is not known', () => {
    const found = read(
      '[env]\n{% if a %}\nA = 1\n{% else %}\nA = 2\n{% endif %}\nB = 3\n{% for p in q %}[[port]]\nhost = ${p}\n{% endfor %}[service]\nuser = "{% if a %}b{% endif %}"\n',
    );
    const user = `${' '.repeat(10)}b${' '.repeat(11)}`;
    assert.deepEqual(found?.file.root, { env: { A: 1, B: 3 }, port: [{ host: 7707 }], service: { user } });
    assert.deepEqual(new Set(found.unknown.map((pointer) => pointer.join('.'))), new Set(['env.A', 'port.0', 'service.user']));
  });

  it('keeps the tables of a list that no statement decides about', () => {
    const found = read('{% if a %}\n[[service]]\npath = "a"\n{% endif %}\n[[service]]\npath = "b"\n');
    assert.deepEqual(
      found?.unknown.map((pointer) => pointer.join('.')),
      ['service.0'],
    );
  });

  it('is none when nobody knows where what is no TOML belongs', () => {
    for (const source of ['oops\na = "${x}"', '[a\nb = "${x}"', `${'a.'.repeat(100)}a = 1`]) assert.equal(read(source), null);
  });

  it('is read around what is no TOML, and tells it where no variable has a part in it', () => {
    const source = '[service]\nname = oops\nimage = "nginx:${tag}" x\nuser = "${u}"\n[env]\nA = 1\n';
    const { tables, problems } = readUnrendered('web/service.toml', source);
    assert.deepEqual(
      problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
      ['2:8 not valid TOML: a value was expected here: text in quotes, a number, true or false, [ an array ] or { a table }'],
    );
    assert.deepEqual(tables?.file.root, { service: { name: '', image: '', user: '7707' }, env: { A: 1 } });
    assert.deepEqual(tables.unknown.map((pointer) => pointer.join('.')).toSorted(), ['service.image', 'service.name', 'service.user']);
  });

  it('loses nothing but its line to an expression that is never closed', () => {
    const { tables, problems } = readUnrendered('web/service.toml', 'a = "${x"\nb = { c = 1 }\nd = ${y\ne = 5\n');
    assert.deepEqual(problems, []);
    assert.deepEqual(tables?.file.root, { a: '$\uE000x', b: { c: 1 }, d: '', e: 5 });
    assert.deepEqual(tables.unknown.map((pointer) => pointer.join('.')).toSorted(), ['a', 'd']);
  });

  it('tells nothing where a statement is not understood', () => {
    const none = { tables: null, problems: [], isWhole: false };
    assert.deepEqual(readUnrendered('web/service.toml', '{% set tier = "x" }\n{% if a %}\na = 1\n{% endif %}\nb = oops\n'), none);
  });

  it('tells nothing behind a line that a variable makes', () => {
    assert.deepEqual(readUnrendered('web/service.toml', 'a = 1\n${begin}\nb = oops\n').problems, []);
  });

  it('is not read where a value may hold keys, once it is no TOML', () => {
    const file = templateFile('web/service.toml', { source: 'a = ${v}\nb = oops\n', variables: { v: '1\nc = 2' } });
    assert.equal(readFaulty(file).tables, null);
    assert.deepEqual(readFaulty(templateFile('web/service.toml', 'a = 1\nb = oops\n')).tables?.unknown, [['b']]);
  });

  it('tells nothing of what a statement decides about', () => {
    assert.deepEqual(readUnrendered('web/service.toml', '{% if a %}\na = oops\n{% endif %}\nb = oops\n').problems.length, 1);
  });
});
