import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { findTomlComments, findTomlPlaces, type Pointer, pointerText } from './toml-places.ts';

const sample = `# a comment with [brackets] and "quotes"
top = 1
[service]
name = "web" # "not = a key"
"quoted key" = 'x'
command = ["a", "b # c", """multi
line""", [1, 2]]
[service.nested]
when = 2026-01-02 03:04:05
dotted.key = { inner = true, list = [{ deep = 1 }] }
[[port]]
host = 80
[[port]]
host = 81
[[port.sub]]
x = 1
[[port.sub]]
x = 2
`;

const places = findTomlPlaces(sample);
const textAt = (pointer: Pointer, which: 'key' | 'value') =>
  sample.slice(places.get(pointerText(pointer))?.[which] ?? sample.length).split('\n')[0];

describe('places in a TOML text', () => {
  const table: readonly [Pointer, string, string][] = [
    [['top'], 'top = 1', '1'],
    [['service'], 'service]', 'service]'],
    [['service', 'name'], 'name = "web" # "not = a key"', '"web" # "not = a key"'],
    [['service', 'quoted key'], `"quoted key" = 'x'`, `'x'`],
    [['service', 'command', 1], '"b # c", """multi', '"b # c", """multi'],
    [['service', 'command', 3, 1], '2]]', '2]]'],
    [['service', 'nested'], 'nested]', 'nested]'],
    [['service', 'nested', 'when'], 'when = 2026-01-02 03:04:05', '2026-01-02 03:04:05'],
    [['service', 'nested', 'dotted', 'key', 'inner'], 'inner = true, list = [{ deep = 1 }] }', 'true, list = [{ deep = 1 }] }'],
    [['service', 'nested', 'dotted', 'key', 'list', 0, 'deep'], 'deep = 1 }] }', '1 }] }'],
    [['port', 0, 'host'], 'host = 80', '80'],
    [['port', 1, 'host'], 'host = 81', '81'],
    [['port', 1, 'sub', 0, 'x'], 'x = 1', '1'],
    [['port', 1, 'sub', 1, 'x'], 'x = 2', '2'],
  ];
  for (const [pointer, key, value] of table) {
    it(`finds ${pointer.join('.')}`, () => {
      assert.equal(textAt(pointer, 'key'), key);
      assert.equal(textAt(pointer, 'value'), value);
    });
  }

  it('knows strings with escapes, quotes before the closing ones, CRLF and a byte order mark', () => {
    const text = '\uFEFFa = "x\\"]"\r\nb = """y""""\r\nc = \'\'\'z\'\'\'\'\'\r\nd = 1\r\n';
    const found = findTomlPlaces(text);
    assert.equal(text.slice(found.get(pointerText(['d']))?.value).trim(), '1');
    assert.deepEqual([...found.keys()], ['["a"]', '["b"]', '["c"]', '["d"]']);
  });

  const leaf = fc.oneof(fc.string(), fc.integer({ min: -1000, max: 1000 }), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
  const key = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__');
  const { document } = fc.letrec<{ document: Record<string, unknown> }>((tie) => ({
    document: fc.dictionary(
      key,
      fc.oneof({ maxDepth: 3 }, leaf, tie('document'), fc.array(tie('document'), { minLength: 1, maxLength: 2 })),
      { maxKeys: 4 },
    ),
  }));

  it('finds every leaf of any document, and what stands there is its value', () => {
    fc.assert(
      fc.property(document, (root) => {
        const text = stringify(root);
        const found = findTomlPlaces(text);
        for (const [pointer, value] of leavesOf(parse(text), [])) {
          const place = found.get(pointerText(pointer));
          assert.ok(place, `no place for ${pointerText(pointer)} in ${text}`);
          const line = text.slice(place.value);
          const written = stringify({ x: value }).slice('x = '.length).trimEnd();
          assert.ok(line.startsWith(written), `${pointerText(pointer)}: ${JSON.stringify(line)} does not begin with ${written}`);
        }
      }),
    );
  });

  it('finds where values end, and comments', () => {
    const text = 'a = 12 # one\nb = "x # y" # two\nc = [1 , "z"]\nd.e = { f = true }\n"g#h" = \'\'\'\n#\'\'\'\n# three';
    const places = findTomlPlaces(text);
    const valueAt = (...pointer: (string | number)[]) => {
      const place = places.get(pointerText(pointer));
      return place && text.slice(place.value, place.end);
    };
    assert.deepEqual(
      [
        valueAt('a'),
        valueAt('b'),
        valueAt('c'),
        valueAt('c', 0),
        valueAt('c', 1),
        valueAt('d', 'e'),
        valueAt('d', 'e', 'f'),
        valueAt('g#h'),
      ],
      ['12', '"x # y"', '[1 , "z"]', '1', '"z"', '{ f = true }', 'true', "'''\n#'''"],
    );
    assert.deepEqual(
      findTomlComments(text).map(({ start, end }) => text.slice(start, end)),
      ['# one', '# two', '# three'],
    );
  });
});

function leavesOf(value: unknown, pointer: Pointer): [Pointer, unknown][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...pointer, index]));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...pointer, key]));
  return [[pointer, value]];
}
