import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import type { SecretAnswer } from './secret-store.ts';
import { mergeVariables } from './variables.ts';

const engine = await loadEngine();
const primary = 'k0 = { source = "google", name = "projects/1/secrets/K0" }\nv = "c4nary"\nplain = "p"\n';
const known = new Map<string, SecretAnswer>([['google:projects/1/secrets/K0/versions/latest', { ok: true, value: 'c4nary' }]]);

const merged = (text: string) =>
  mergeVariables({
    engine,
    files: [
      { path: 'dispenser.vars', text: primary },
      { path: 'a.dispenser.vars', text },
    ],
    known,
  });

describe('variables of a file that is rendered', () => {
  for (const name of ['k0', 'v']) {
    for (const [line, said] of [
      [`"\${${name}}" = 5`, /must be text|decides keys/],
      [`\${${name}} = "1"\n\${${name}} = "2"`, /a variable is defined a second time here/],
      [`"\${${name}}" = { source = "goggle" }`, /this secret source is not known|decides keys/],
      [`"\${${name}}" = { source = "google", name = "K" }`, /needs the full name|decides keys/],
      [`"a\${${name}}"."b" = 1`, /must be text|decides keys/],
      [`[\${${name}}]\na = "1"`, /must be text|decides keys/],
      [`{% filter trim %}\${${name}}{% endfilter %} = 5`, /must be text|decides keys|cannot be followed/],
    ] as const) {
      it(`are never named by a value of another one: ${line}`, () => {
        const { problems, warnings, complete } = merged(`${line}\n`);
        assert.match(problems.map(({ message }) => message).join('\n'), said);
        assert.equal(problems.length, 1, 'nothing is told of what a secret decides');
        assert.ok(!JSON.stringify([problems, warnings]).includes('c4nary'));
        assert.equal(complete, false);
      });
    }
  }

  it('are named where the file says so itself', () => {
    assert.deepEqual(
      merged('y${plain} = 5\nz = 5\n').problems.map(({ message }) => message.split(' must')[0]),
      ['this variable', 'variable "z"'],
    );
  });

  it('keep a name to themselves that another variable made, unless it is written out elsewhere', () => {
    assert.deepEqual([...merged('${v} = "1"\n"x-${v}" = "1"\nw = "1"\n').made], ['c4nary', 'x-c4nary']);
    assert.deepEqual([...merged('${plain}lain = "1"\n').made], []);
    assert.ok(!JSON.stringify(merged('"x-${v}" = "1"\n').warnings).includes('c4nary'));
  });

  it('do not lie where a secret says, and the place reaches no question', () => {
    const { problems, unresolved, values } = merged('n = { source = "google", name = "projects/${k0}/secrets/x" }\n');
    assert.deepEqual(
      problems.map(({ offset, message }) => [offset, message]),
      [
        [
          0,
          'variable "n": where a secret lies may not depend on another one (TAINTED_NOT_ALLOWED); write it out, or take it from a variable that is text',
        ],
      ],
    );
    assert.deepEqual([[...unresolved], values.has('n')], [[], false]);
  });

  it('may lie where a variable of a vars file says', () => {
    const { problems, unresolved } = merged('n = { source = "google", name = "projects/${plain}/secrets/x" }\n');
    assert.deepEqual([problems, unresolved.get('n')?.name], [[], 'projects/p/secrets/x']);
  });
});
