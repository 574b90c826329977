import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { mendToml } from './mend-toml.ts';
import { placesIn } from './source-place.ts';

/** Where faults are told, and what is not known because of them; null when nothing is. */
function mended(text: string): readonly [faults: readonly string[], unknown: readonly string[] | null] {
  const { faults, root, unknown } = mendToml(text);
  const place = placesIn(text);
  return [
    faults.map(({ offset }) => `${place(offset).line}:${place(offset).column}`),
    root === null ? null : unknown.map((pointer) => pointer.join('.')),
  ];
}

const table: readonly (readonly [what: string, text: string, faults: readonly string[], unknown: readonly string[] | null])[] = [
  ['nothing', 'a = 1\n[b]\nc = [\n  1,\n]\n', [], []],
  ['values in two tables', '[a]\nb = oops\n[c]\nd = 1\ne = nope\n', ['2:5', '5:5'], ['a.b', 'c.e']],
  ['values one below the other', 'a = oops\nb = "x\nc = 01\n', ['1:5', '2:7', '3:5'], ['a', 'b', 'c']],
  ['a list without its end', '[a]\nb = ["x",\nc = oops\n[d]\ne = oops\n', ['2:5', '3:5', '5:5'], ['a.b', 'a.c', 'd.e']],
  ['a list of what looks like keys', '[a]\nb = [\n  c = "1",\n  d = "2"\n]\ne = oops\n', ['3:3'], null],
  ['a table without its end', '[a]\nb = { c = 1\nd = 2\n[e]\nf = oops\n', ['2:5', '5:5'], null],
  ['a text that is torn', '[a]\nb = "one\ntwo"\nc = oops\n', ['2:9'], null],
  ['a script that is torn', '[a]\nb = "sh -c \'\nexport X=hello\nY=there\n\'"\n[c]\nd = oops\n', ['2:13', '7:5'], null],
  ['lines that are nothing', '[a]\noops\nmore of it\nb = nope\n', ['2:5', '4:5'], null],
  ['lines that are nothing, at the top', 'oops\n[a]\nb = nope\n', ['1:5', '3:5'], null],
  ['a header', 'a = 1\n[b\nc = oops\n[d]\ne = nope\n', ['2:3', '3:5', '5:5'], null],
  ['a key twice', 'a = 1\na = 2\nb = oops\n', ['2:1', '3:5'], ['b', 'a']],
  ['a key twice, once without a value', 'a = oops\n[b]\nc = 1\nc = nope\n', ['1:5', '4:5'], ['a', 'b.c']],
  ['a value of one letter', 'a = x\nb = 1\n', ['1:5'], ['a']],
  ['tables too deep to be any', `a = x\n[b]\nc = ${'['.repeat(70)}${']'.repeat(70)}\n`, ['1:5'], null],
  ['a table twice', '[a]\nb = 1\n[c]\n[a]\nd = 1\n[e]\nf = oops\n', ['4:2', '7:5'], null],
  ['one of several tables', '[[a]]\nb = 1\n[[a]]\nb = oops\n[[a.c]]\nd = nope\n', ['4:5', '6:5'], ['a.1.b', 'a.1.c.0.d']],
  ['a long text without its end', 'a = """\nb = oops\n[c]\nd = nope\n', ['1:5'], null],
  ['a header without its brackets', '[a]\nb = 1\nc]\nd = 1\n[c]\nd = 1\n[c]\n', ['3:2'], null],
  ['a header with a key behind it', 'a = "x" b = ["y"]\n[c] d = true\n', ['1:9', '2:5'], null],
  ['two keys in a line', '[a]\nb = "x" c = 80\nd = oops\n[[e]]\nf = 80g = 80\n', ['2:9', '3:5', '5:7'], ['a', 'a.d', 'e.0']],
  ['a text of several lines in a torn line', 'a\' = ["""\nb = oops\n"""]\nc = oops\n', ['1:2'], null],
  ['a key too deep to be one', `[a]\nb${'.b'.repeat(2000)} = oops\nc = oops\n`, ['2:4005', '3:5'], null],
  ['a comment', '# \u0001\na = 1\nb = oops\n', ['1:3', '3:5'], ['b']],
  ['with CRLF and a byte order mark', '\uFEFFa = oops\r\n[b]\r\nc = nope\r\n', ['1:5', '3:5'], ['a', 'b.c']],
];

describe('a text that is no TOML', () => {
  for (const [what, text, faults, unknown] of table) {
    it(`has every fault told at once: ${what}`, () => assert.deepEqual(mended(text), [faults, unknown]));
  }

  it('keeps the places and the values of everything else', () => {
    const text = 'a = 1\nb = oops\n[c]\nd = "é"\n';
    const { text: left, root } = mendToml(text);
    assert.equal(left, text.replace('oops', "''  "));
    assert.deepEqual(structuredClone(root), { a: 1, b: '', c: { d: 'é' } });
  });

  it('is told in hundreds, with a word where there may be more', () => {
    const { faults, root } = mendToml('[a]\n'.concat('b = oops\n'.repeat(1_000)));
    assert.deepEqual([faults.length, root], [501, null]);
    assert.match(faults.at(-1)?.reason ?? '', /^there may be more from here on; mend the others first$/);
  });

  it('is told no other name of what is called as objects are made', () => {
    const { root } = mendToml('[env]\n__proto__ = x\n[a]\n__proto__ = 1 b = 2\n');
    assert.deepEqual(Object.keys(Object(root?.env)), ['__proto__']);
  });

  it('is searched for what is written twice as long as that is no matter of time', () => {
    const text = (lines: number) => `${'a = 1\n'.repeat(40)}${'# a comment\n'.repeat(lines)}`;
    assert.deepEqual([mendToml(text(10)).faults.length, mendToml(text(80_000)).faults.length], [39, 11]);
  });

  const key = fc.stringMatching(/^[a-z]{1,3}$/);
  const value = fc.oneof(fc.constantFrom<unknown>(1, true, 'x', 'a "b" = [c', 'x\n[y]\nz = 1'), fc.array(fc.constantFrom('[x]', 'y = 1')));
  const sound = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value), fc.array(fc.dictionary(key, value), { minLength: 1 })));

  it('is told no fault that is none, whatever is written around it', () => {
    const property = fc.property(sound, fc.integer({ min: 1, max: 4 }), (document, count) => {
      const text = stringify(document);
      assert.deepEqual(mended(text), [[], []]);
      const faulty = Array.from({ length: count }, (_, index) => `[fault-${index}]\nx = oops\n`).join('');
      assert.equal(mended(`${text}\n${faulty}`)[0].length, count);
    });
    fc.assert(property);
  });

  it('is told with a first fault where the parser sees one, and is none without its faults', () => {
    const piece = fc.constantFrom('a', ' = ', '1', '"', "'", '[', ']', '{', '}', ',', '\n', '#', '"""', '.', 'b', '\nc = 1\n', '\n[d]\n');
    const property = fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const isToml = parses(text);
      const { faults, root, text: left } = mendToml(text);
      assert.equal(faults.length === 0, isToml);
      assert.equal(left.length, text.length);
      if (root) assert.ok(parses(left));
    });
    fc.assert(property, { numRuns: 500 });
  });
});

function parses(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
