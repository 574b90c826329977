import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leafAt, leavesOf, parseToml, scalarJson, scalarText, tooDeep } from './toml-document.ts';

const text =
  '[service]\nname = "web"\n[[port]]\nhost = 80\n[[port]]\nhost = 81\n[env]\n"a/b~c" = "x"\n0 = "zero"\nday = 2026-01-02\nempty = []\n';

function rootOf(toml: string): unknown {
  const parsed = parseToml(toml);
  assert.ok(parsed.ok);
  return parsed.root;
}

describe('parseToml', () => {
  it('tells the offset of an error in LF and CRLF files', () => {
    assert.deepEqual(parseToml('a = 1\nb = = 2\n'), { ok: false, offset: 10, message: 'not valid TOML: invalid value' });
    const crlf = parseToml('a = 1\r\nb = = 2\r\n');
    assert.ok(!crlf.ok);
    assert.equal(crlf.offset, 11);
  });

  for (const broken of [
    'a = c4nary',
    'a = "c4nary',
    'c4nary',
    'a = "x" c4nary',
    '[c4nary\n',
    'a = 2026-99-99 # c4nary',
    'a = "\\c4nary"',
  ]) {
    it(`does not quote ${JSON.stringify(broken)}`, () => {
      const parsed = parseToml(broken);
      assert.ok(!parsed.ok);
      assert.ok(!parsed.message.includes('c4nary'));
      assert.ok(!parsed.message.includes('\n'));
    });
  }
});

describe('a document that is nested deeply', () => {
  const nested = (levels: number) => `${Array.from({ length: levels }, () => 'a').join('.')} = 1`;

  it('is refused before anybody walks through it', () => {
    assert.equal(parseToml(nested(60)).ok, true);
    for (const levels of [70, 20_000]) assert.deepEqual(parseToml(nested(levels)), { ok: false, offset: 0, message: tooDeep });
  });
});

describe('leavesOf', () => {
  it('lists every single value with its pointer', () => {
    const pointers = leavesOf(rootOf(text)).map(({ pointer }) => pointer);
    assert.deepEqual(
      new Set(pointers.map((pointer) => JSON.stringify(pointer))),
      new Set(['["service","name"]', '["port",0,"host"]', '["port",1,"host"]', '["env","a/b~c"]', '["env","0"]', '["env","day"]']),
    );
  });
});

describe('leafAt', () => {
  it('finds by text pointers, through arrays too', () => {
    const root = rootOf(text);
    assert.equal(leafAt(root, ['port', '1', 'host']), 81);
    assert.equal(leafAt(root, ['env', 'a/b~c']), 'x');
    assert.equal(leafAt(root, ['env', '0']), 'zero');
  });

  it('gives null for tables, absent keys and what every object inherits', () => {
    const root = rootOf(text);
    for (const pointer of [
      ['env'],
      ['env', 'none'],
      ['port', '2', 'host'],
      ['constructor'],
      ['__proto__', 'x'],
      ['service', 'name', 'length'],
    ]) {
      assert.equal(leafAt(root, pointer), null);
    }
  });
});

describe('scalarJson and scalarText', () => {
  it('tell numbers and strings apart in JSON, and give a container the plain text', () => {
    const [integer, string, float, day, infinite] = leavesOf(rootOf('a = 5\nb = "5"\nc = 5.5\nd = 2026-01-02\ne = -inf')).map(
      ({ value }) => value,
    );
    assert.ok(integer !== undefined && string !== undefined && float !== undefined && day !== undefined && infinite !== undefined);
    assert.deepEqual([integer, string, float, day, infinite].map(scalarJson), ['5', '"5"', '5.5', '"2026-01-02"', '-Infinity']);
    assert.deepEqual([integer, string, float, day].map(scalarText), ['5', '5', '5.5', '2026-01-02']);
  });
});
