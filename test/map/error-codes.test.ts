import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codesIn, composedCodesIn, disagreements, paragraphsIn } from './error-codes.ts';

describe('the search for error codes', () => {
  const table: readonly (readonly [source: string, codes: readonly string[]])[] = [
    ["throw new TerminalError('NAME_TAKEN', `…`);", ['NAME_TAKEN']],
    ["throw new RetryableError(\n  'PORT_TAKEN',\n  'words');", ['PORT_TAKEN']],
    ["throw new KedgeError('LOST', 'words');", ['LOST']],
    ["return { kind: 'trouble', code: 'REGISTRY_DENIED', message };", ['REGISTRY_DENIED']],
    ["const known = [{ code: 'GONE', pattern: /x/ }];", ['GONE']],
    ["return trouble('REGISTRY_ERROR', 'failed');", ['REGISTRY_ERROR']],
    ["export type Code = 'ONE_THING' | 'OTHER_THING';", ['ONE_THING', 'OTHER_THING']],
    ["return known ? thrown.code : 'UNEXPECTED';", ['UNEXPECTED']],
    ["const method = 'POST'; process.on('SIGTERM', stop);", []],
    ["if (code === 'ECONNREFUSED' || code === 'ERR_INVALID_URL' || code === 'ABORT_ERR') return;", []],
    ["readonly identity: Config['KEDGE_IDENTITY'];", []],
  ];
  for (const [source, codes] of table) {
    it(`finds ${codes.join(' and ') || 'none'} in: ${source.replaceAll(/\s+/g, ' ')}`, () => {
      assert.deepEqual([...new Set(codesIn(source).map(({ code }) => code))], codes);
    });
  }

  it('knows the line', () => assert.deepEqual(codesIn("\n\nf('A_B')"), [{ code: 'A_B', line: 3 }]));

  it('notices a code that is put together', () => {
    assert.equal(composedCodesIn('throw new TerminalError(`REGISTRY_${status}`, words)').length, 1);
    assert.equal(composedCodesIn("throw new Error(`broken ${x}`); throw new TerminalError('A_B', `words`)").length, 0);
  });
});

describe('the document about errors', () => {
  const text = 'It means that something is in the way of something. Take it away, then try again.';
  const document = `# Errors

Words.

- **\`A_B\`**: It means that something is in the way of something.
  Take it away, then try again.
- **\`C_D\`**: ${text}

## More
`;

  it('has a paragraph for each code', () => {
    assert.deepEqual(paragraphsIn(document), [
      { code: 'A_B', text },
      { code: 'C_D', text },
    ]);
  });

  it('agrees with the sources, or says where it does not', () => {
    const both = paragraphsIn(document);
    assert.deepEqual(disagreements(both, ['A_B', 'C_D', 'A_B']), []);
    assert.deepEqual(disagreements(both, ['A_B', 'C_D', 'E_F']), ['E_F has no paragraph']);
    assert.deepEqual(disagreements(both, ['A_B']), ['C_D is in no source any more']);
    assert.deepEqual(disagreements([...both, ...both.slice(0, 1)], ['A_B', 'C_D']), ['A_B has two paragraphs']);
    assert.deepEqual(disagreements([{ code: 'A_B', text: 'Try again.' }], ['A_B']), ['the paragraph of A_B is too short to help']);
  });
});
