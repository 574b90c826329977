import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLong, sample, seed } from '../chaos/harness/sample.ts';
import { exampleNames, type Files, readExample, variablesOf } from './harness/examples.ts';
import { expectAnswer } from './harness/expect-answer.ts';
import { offlineRenderer, readInMemory, verdictOfFiles } from './harness/read-in-memory.ts';

const templates = (files: Files) => Object.keys(files).filter((path) => path.endsWith('.toml'));

/** Every way to leave out a single line of a folder. */
function withoutALine(files: Files): { readonly path: string; readonly line: number; readonly files: Files }[] {
  return templates(files).flatMap((path) => {
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
  insert: fc.oneof(fc.constantFrom(...fragments), fc.constant(''), fc.string({ unit: 'binary', maxLength: 4 })),
});
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(files: Files, { file, at, length, insert }: Change): Files {
  const paths = templates(files);
  const path = paths[file % paths.length] ?? '';
  const text = files[path] ?? '';
  const start = at % (text.length + 1);
  return { ...files, [path]: text.slice(0, start) + insert + text.slice(start + length) };
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
        const broken = changes.reduce(changed, files);
        expectAnswer(await readInMemory(broken, variables), broken);
      });
      await fc.assert(property, { seed, numRuns: isLong ? 3_400 : 100 });
    });
  }

  it('get an answer with a place from the engine of the templates, too', async () => {
    const files = await readExample('everything');
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const broken = changes.reduce(changed, files);
      expectAnswer(await verdictOfFiles(broken, offlineRenderer(broken)), broken);
    });
    await fc.assert(property, { seed, numRuns: isLong ? 500 : 30 });
  });

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
