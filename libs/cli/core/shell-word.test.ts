import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shellWord } from './shell-word.ts';

describe('shellWord', () => {
  it('leaves plain paths as they are', () => {
    for (const text of ['/opt/dispenser', './x-1_2.toml']) assert.equal(shellWord(text), text);
  });

  it('is read back by a shell as it was', () => {
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '\\', '*', ';', '~', '\n', 'é'), minLength: 0 }),
      200,
    );
    const script = texts.map((text) => `printf '%s\\0' ${shellWord(text)}`).join('\n');
    assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), texts.map((text) => `${text}\0`).join(''));
  });
});
