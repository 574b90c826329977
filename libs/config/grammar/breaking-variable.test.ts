import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { templateFile } from '../testing/toml-files.ts';
import { findBreakingVariables } from './breaking-variable.ts';
import { parseTemplate } from './template-file.ts';

const find = (source: string, variables: Readonly<Record<string, string>>) =>
  findBreakingVariables(templateFile('web/service.toml', { source, variables }))[0] ?? null;

describe('a variable that breaks its file', () => {
  for (const [value, what, cure] of [
    ['c4na"ry', 'a quote in the middle', "write '${secret}' here"],
    ['c4nary"', 'a quote at the end, which moves the error behind the variable', "write '${secret}' here"],
    ['"c4nary', 'a quote at the beginning', "write '${secret}' here"],
    ['""', 'quotes that begin a text of many lines, which moves the error to the end of the file', "write '${secret}' here"],
    ['c4nary\n', 'a line break', "write '''${secret}''' here"],
    [`c4'n"ary`, 'quotes of both kinds', "write '''${secret}''' here"],
    ['c4\\nary\\d', 'a backslash that escapes nothing', "write '${secret}' here"],
    ['c4nary\u0001', 'a control character', 'correct it where the variable is defined'],
  ] as const) {
    it(`is named for ${what}`, () => {
      const source = 'a = 1\nb = "x-${ secret }"\nc = "${other}"\n';
      const found = find(source, { secret: value, other: 'fine' });
      assert.equal(found?.offset, source.indexOf('${ secret'));
      assert.match(found?.message ?? '', /^the value of the variable "secret" contains a character that ends the text around it/);
      assert.ok(found?.message.endsWith(`; ${cure}`), found?.message);
    });
  }

  for (const [what, source, value, cure] of [
    ['a literal text', "a = '${v}'", "it's", "write '''${v}''' here"],
    ['a text that is nothing else', "a = '${v}'", '\u0001', 'write ${ v | tojson } here, without quotes around it'],
    ['no quotes where text may stand', '[service]\nimage = ${v}', 'nginx:1', 'write "${v}" here'],
    ['no quotes where text may stand, with one in it', '[env]\nA = ${v}', 'a"b', "write '${v}' here"],
    ['no quotes where no text may stand', '[[port]]\nhost = ${v}', '80a', 'correct it where the variable is defined'],
    ['no quotes where true or false stand', '[dispenser]\nwatch = ${v}', 'True', 'correct it where the variable is defined'],
    ['a key', '[env]\n${v} = "1"', 'a b', 'correct it where the variable is defined'],
  ] as const) {
    it(`is told with what helps in ${what}`, () => {
      const message = find(`${source}\n`, { v: value })?.message ?? '';
      assert.ok(message.endsWith(`; ${cure}`), message);
    });
  }

  it('is told with all others of its file, where each is defined, and with what else is no TOML', () => {
    const source = 'a = "${one}"\nb = ${two}\nc = "${three}"\nd = "${one} ${three}"\ne = "${four}" oops\nf = ["${three}",\n"${five}"]\n';
    const variables = { one: 'c4"nary', two: 'c4nary', three: 'fine', four: 'x', five: 'c4\\dnary' };
    const cured = `; write '\${one}' here (defined in dispenser.vars:7)`;
    const found = findBreakingVariables(templateFile('a.toml', { source, variables }), (name) =>
      name === 'one' ? 'dispenser.vars:7' : null,
    );
    assert.deepEqual(
      found.map(
        ({ offset, message }) =>
          `${offset} ${message.split(' ').slice(5, 7).join(' ')}${/; write '\$\{one\}' here \(defined in dispenser.vars:7\)$/.exec(message)?.[0] ?? ''}`,
      ),
      [`5 "one" contains${cured}`, '17 "two" is', `44 "one" contains${cured}`, '98 "five" contains'],
    );
    const parsed = parseTemplate(templateFile('a.toml', { source, variables }));
    assert.deepEqual('problems' in parsed && parsed.problems.map(({ line, column }) => `${line}:${column}`), [
      '1:6',
      '2:5',
      '4:6',
      '5:15',
      '7:2',
    ]);
    assert.ok(!/c4.?nary/.test(JSON.stringify([found, parsed])));
  });

  it('is told with what helps, whatever else is wrong with the file', () => {
    for (const [source, value, cure] of [
      ['a = "${v}"\nb = oops\n', 'x\ny', "write '''${v}''' here"],
      ['b = oops\n[service]\nuser = ${u}\nimage = ${v}\n', 'nginx:1', 'write "${v}" here'],
      ['b = oops\n[[port]]\nhost = ${v}\n', '80a', 'correct it where the variable is defined'],
    ] as const) {
      const message = find(source, { v: value, u: '"me"' })?.message ?? '';
      assert.ok(message.endsWith(`; ${cure}`), message);
    }
  });

  it('is told with all that break one statement, and alone where that has more than fifty', () => {
    const told = (count: number) => {
      const source = `a = [${Array.from({ length: count }, (_, index) => `"\${v${index}}"`).join(', ')}]\n`;
      const variables = Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, index % 2 === 0 ? '\\d' : 'x']));
      return findBreakingVariables(templateFile('a.toml', { source, variables })).length;
    };
    assert.deepEqual([told(50), told(51)], [25, 1]);
  });

  it('is told a hundred times at the most, and of long files in time', () => {
    const lines = 20_000;
    const source = Array.from({ length: lines }, (_, index) => `a${index} = "\${v}"\n`).join('');
    assert.equal(findBreakingVariables(templateFile('a.toml', { source, variables: { v: '"' } })).length, 100);
  });

  it('is the one of several that does so', () => {
    assert.match(find('a = "${one}${two}"\nb = ${three}\n', { one: 'x', two: 'y"', three: '5' })?.message ?? '', /"two"/);
    assert.match(find('when = 2026-01-${day}\nb = "${two}"\n', { day: '31', two: '"' })?.message ?? '', /"two"/);
    assert.match(find('${one} = 1\n${two} = "${three}"\n', { one: 'a', two: 'b', three: '"' })?.message ?? '', /"three"/);
  });

  it('is named when it stands without quotes and is no value', () => {
    const found = find('image = ${image}\n', { image: 'nginx:1' });
    assert.deepEqual(
      [found?.offset, found?.message.startsWith('the value of the variable "image" is no value of TOML by itself')],
      [8, true],
    );
    assert.match(find('host = ${port}\n', { port: '' })?.message ?? '', /"port"/);
  });

  it('is none when the file is broken anyway', () => {
    assert.equal(find('a = "${x}" oops\n', { x: 'y' }), null);
    assert.equal(find('a = "${x}" oops\n', { x: '"' }), null);
    assert.equal(find('[a\n', {}), null);
  });

  it('is always found, and its value never told', () => {
    const harmless = fc.stringMatching(/^[a-z0-9 .:/-]{0,8}$/);
    fc.assert(
      fc.property(harmless, fc.stringMatching(/^c4nary[\w"'\\\n]{0,8}$/), harmless, (before, value, after) => {
        const source = `a = "\${before}"\nb = "\${value}"\nc = "\${after}"\n`;
        const parsed = parseTemplate(templateFile('a.toml', { source, variables: { before, value, after } }));
        if ('file' in parsed) return;
        assert.deepEqual(
          parsed.problems.map(({ line, column, excerpt }) => [line, column, excerpt]),
          [[2, 6, 'b = "${value}"']],
        );
        assert.ok(!JSON.stringify(parsed.problems).includes('c4nary'));
      }),
    );
  });

  it('is found among expressions, and not in raw text', () => {
    const source = 'a = "${ one | upper }"\nb = "{% raw %}${two}{% endraw %}"\n';
    const rendered = 'a = "X"Y"\nb = "${two}"';
    const map: [number, number][] = [
      [0, 0],
      [5, 5],
      [8, source.indexOf('"\nb')],
      [15, source.indexOf('${two}')],
      [16, source.indexOf('${two}') + 1],
    ];
    const [found] = findBreakingVariables({ path: 'web/service.toml', source, rendered, map });
    assert.deepEqual([found?.offset, found?.message.includes('of the expression ${ one | upper } contains')], [5, true]);
  });
});
