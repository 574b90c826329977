import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemAt } from './template-file.ts';
import { readUnrendered } from './unrendered-file.ts';

const read = (source: string) => readUnrendered('web/service.toml', source);

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

  it('is none when it is no TOML without its variables', () => {
    for (const source of ['a = "${x}"\noops', `${'a.'.repeat(100)}a = 1`, 'a = "${x']) assert.equal(read(source), null);
  });
});
