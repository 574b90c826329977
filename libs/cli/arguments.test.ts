import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, InvalidArgumentError } from 'commander';
import { choosePlace, parseCount, parsePath, parseService } from './arguments.ts';

describe('what a command line names', () => {
  for (const [read, good, bad] of [
    [parsePath, ['.', './-odd', '/etc/kedge'], ['', '-x']],
    [parseService, ['web', 'web.1'], ['', '-web', 'two words']],
    [parseCount, ['1', '100'], ['0', '-1', '1.5', 'many', '9999999999']],
  ] as const) {
    it(`is read by ${read.name}, or refused`, () => {
      for (const text of good) assert.equal(String(read(text)), text);
      for (const text of bad) assert.throws(() => read(text), InvalidArgumentError, text);
    });
  }
});

describe('choosePlace', () => {
  const cli = { configPlace: { folder: '/of/the/stack' } };
  const program = (...words: readonly string[]) => new Command().option('--config <path>').parse([...words], { from: 'user' });

  it('prefers what the command names to --config, and that to what the stack reads', async () => {
    const config = ['--config', '/of/the/option'];
    assert.equal((await choosePlace({ program: program(...config), cli, named: '/of/the/command' })).folder, '/of/the/command');
    assert.equal((await choosePlace({ program: program(...config), cli })).folder, '/of/the/option');
    assert.equal((await choosePlace({ program: program(), cli })).folder, '/of/the/stack');
  });
});
