import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listFiles, root } from '../architecture/sources.ts';
import { faultsOf } from './check-mention.ts';
import { readKnown } from './known-names.ts';
import { mentionsIn } from './markdown.ts';

const texts = new Map(
  await Promise.all((await listFiles(/\.md$/)).map(async (document) => [document, await readFile(join(root, document), 'utf8')] as const)),
);
const knownTo = await readKnown();

function faultsIn(document: string, text: string): string[] {
  return mentionsIn(text).flatMap((mention) => faultsOf(mention, knownTo(document)).map((fault) => `${document}:${mention.line} ${fault}`));
}

describe('the map', () => {
  const mentions = [...texts.values()].flatMap(mentionsIn);

  it('is read at all', () => {
    assert.ok(mentions.filter(({ kind }) => kind === 'inline').length > 200);
    assert.ok(mentions.filter(({ kind }) => kind === 'shell').length >= 3);
    assert.ok(mentions.filter(({ text }) => /^(?:\.\/)?kedge [a-z]/.test(text)).length > 20, 'it names commands');
  });

  for (const [document, text] of texts) {
    it(`names only what exists: ${document}`, () => assert.deepEqual(faultsIn(document, text), []));
  }

  it('would be refused if a command, an option, a script, a path or a variable were misspelled in it', () => {
    const good = texts.get('README.md') ?? '';
    const slips: readonly (readonly [string, string, RegExp])[] = [
      ['`kedge deploy web --wait`', '`kedge deploy web --await`', /no option --await/],
      ['`kedge clear web`', '`kedge clean web`', /no command clean/],
      ['npm start     #', 'npm run begin     #', /no script begin/],
      ['`scripts/engine/`', '`scripts/engines/`', /no scripts\/engines\//],
      ['`KEDGE_SUBNET`', '`KEDGE_SUBNETS`', /nothing reads KEDGE_SUBNETS/],
    ];
    for (const [right, wrong, fault] of slips) {
      assert.ok(good.includes(right), right);
      assert.match(faultsIn('README.md', good.replace(right, wrong)).join('\n'), fault);
    }
  });

  it('documents every variable that the stack reads', async () => {
    const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8');
    // Filled in, or passed on as it is: `${KEDGE_X:-…}`, and a key without a value.
    const filledIn = [...compose.matchAll(/\$\{(KEDGE_[A-Z_]+)/g)];
    const passedOn = [...compose.matchAll(/^\s+(KEDGE_[A-Z_]+):\s*(?:#.*)?$/gm)];
    assert.ok(passedOn.length > 5);
    const read = new Set([...filledIn, ...passedOn].map((match) => match[1] ?? ''));
    const documented = new Set(mentions.map(({ text }) => text));
    assert.ok(read.size > 10);
    assert.deepEqual(
      [...read].filter((name) => !documented.has(name)),
      [],
    );
  });

  it('fits each README on a page or two', () => {
    for (const [document, text] of texts) {
      if (!document.endsWith('README.md')) continue;
      const lines = text.split('\n').length;
      assert.ok(lines <= 160, `${document} has ${lines} lines`);
    }
  });
});
