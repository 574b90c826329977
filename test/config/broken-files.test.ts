import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyCharacter } from '@kedge/shared/testing';
import fc from 'fast-check';
import { isLong, sample, seed } from '../chaos/harness/sample.ts';
import { exampleNames, type Files, readExample, variablesOf } from './harness/examples.ts';
import { expectAnswer } from './harness/expect-answer.ts';
import { offlineRenderer, readInMemory, verdictOfFiles } from './harness/read-in-memory.ts';

const isTemplate = (path: string) => path.endsWith('.toml');
const templates = (files: Files) => Object.keys(files).filter(isTemplate);
/** With files of variables, which only the engine of the templates reads. */
const everything = (files: Files) => Object.keys(files).filter((path) => isTemplate(path) || /\.(?:vars|env)$/.test(path));

/** Every way to leave out a single line of a folder. */
function withoutALine(files: Files, paths = templates(files)): { readonly path: string; readonly line: number; readonly files: Files }[] {
  return paths.flatMap((path) => {
    const lines = (files[path] ?? '').split('\n').slice(0, -1);
    return lines.map((_, line) => ({ path, line: line + 1, files: { ...files, [path]: lines.toSpliced(line, 1).join('\n') } }));
  });
}

/** What people and programs do to a text. */
const fragments = [
  '"',
  "'",
  '[',
  ']',
  '[[',
  '{',
  '}',
  '=',
  '#',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\\',
  '.',
  ',',
  '-',
  '${',
  '${tag}',
  '}',
  'é',
  '🚢',
  '\uFEFF',
  '0',
  '1e999',
  '99999999999999999999',
  'true',
  '""',
  "'''",
  '"""',
  '[service]',
  '__proto__ = 1\n',
  'constructor = "x"\n',
];

const change = fc.record({
  file: fc.nat(),
  at: fc.nat(),
  length: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(40)),
  insert: fc.oneof(fc.constantFrom(...fragments), fc.constant(''), fc.string({ unit: anyCharacter, maxLength: 4 })),
});
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(files: Files, { file, at, length, insert }: Change, pathsOf = templates): Files {
  const paths = pathsOf(files);
  const path = paths[file % paths.length] ?? '';
  const text = files[path] ?? '';
  const start = at % (text.length + 1);
  // No file on disk holds one half of a character.
  return { ...files, [path]: (text.slice(0, start) + insert + text.slice(start + length)).toWellFormed() };
}

describe('the documented examples', () => {
  for (const name of exampleNames) {
    it(`${name} is valid`, async () => {
      const verdict = await readInMemory(await readExample(name));
      assert.deepEqual(verdict.kind === 'invalid' ? verdict.problems : verdict.kind, 'valid');
    });

    it(`${name} gets an answer with a place, or stays valid, whatever line is missing`, async () => {
      const files = await readExample(name);
      const variables = variablesOf(files);
      for (const { files: broken } of sample(withoutALine(files), 60)) expectAnswer(await readInMemory(broken, variables), broken);
    });

    it(`${name} gets an answer with a place, or stays valid, whatever was changed in it`, async () => {
      const files = await readExample(name);
      const variables = variablesOf(files);
      const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const broken = changes.reduce((before, each) => changed(before, each), files);
        expectAnswer(await readInMemory(broken, variables), broken);
      });
      await fc.assert(property, { seed, numRuns: isLong ? 3_400 : 100 });
    });
  }

  /** More of them, and values that a file cannot have. */
  async function withVariables(): Promise<Files> {
    const files = await readExample('everything');
    const web = files['web/service.toml']?.replace('[service]\n', '[service]\nenv_file = ["a.env", "b.env"]\n') ?? '';
    return {
      ...files,
      'web/service.toml': web,
      'web/a.env': '# of a\nexport A=1\nB="two\nlines" # b\n',
      'web/b.env': "A='3'\nD: 4\n",
      'x.dispenser.vars': 'more = "${ tag }-x"\nless = """\n${tag}\n"""\n{% if tag == "1" %}\nthird = "3"\n{% endif %}\n',
    };
  }

  it('get an answer with a place from the engine of the templates, too, whatever line is missing', async () => {
    const files = await withVariables();
    assert.equal((await verdictOfFiles(files, offlineRenderer(files))).kind, 'valid');
    const paths = everything(files).filter((path) => !isTemplate(path));
    for (const { files: broken } of sample([...withoutALine(files, paths), ...sample(withoutALine(files), 20)], 40)) {
      expectAnswer(await verdictOfFiles(broken, offlineRenderer(broken)), broken);
    }
  });

  for (const [what, pathsOf] of [
    ['in any file', everything],
    ['in a file of variables', (files: Files) => everything(files).filter((path) => !isTemplate(path))],
  ] as const) {
    it(`get an answer with a place from the engine of the templates, too, whatever was changed ${what}`, async () => {
      const files = await withVariables();
      const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const broken = changes.reduce((before, each) => changed(before, each, pathsOf), files);
        expectAnswer(await verdictOfFiles(broken, offlineRenderer(broken)), broken);
      });
      await fc.assert(property, { seed, numRuns: isLong ? 500 : 30 });
    });
  }

  it('use every key that there is', async () => {
    const page = (await readExample('../../../libs/config'))['KEYS.md'] ?? '';
    const keys = [...(page.split('## Variables')[0]?.matchAll(/^\| \*{0,2}`(\w+)`/gm) ?? [])].map(([, key = '']) => key);
    const texts = (await Promise.all(exampleNames.map(readExample))).flatMap((files) => Object.values(files)).join('\n');
    assert.deepEqual(
      keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(texts)),
      [],
    );
    assert.ok(keys.length > 70);
  });
});
