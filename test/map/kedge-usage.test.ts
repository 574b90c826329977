import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readHelp, readKedgeUsage } from './kedge-usage.ts';

describe('the usage of kedge', async () => {
  const { program, commands } = await readKedgeUsage();

  it('knows the commands that people type, and both spellings of validate', () => {
    for (const name of ['status', 'events', 'logs', 'deploy', 'doctor', '-t', '--test']) assert.ok(commands.has(name), name);
    assert.deepEqual(commands.get('-t'), commands.get('validate'));
    assert.equal(commands.has('help'), false);
  });

  it('knows which options take a value', () => {
    assert.equal(program.options.get('--as'), true);
    assert.equal(commands.get('logs')?.options.get('-n'), true);
    assert.equal(commands.get('logs')?.options.get('--lines'), true);
    assert.equal(commands.get('logs')?.options.get('-f'), false);
    assert.equal(commands.get('events')?.options.get('--no-follow'), false);
  });

  it('knows how many arguments a command takes', () => {
    assert.equal(commands.get('apply')?.mostArguments, 0);
    assert.equal(commands.get('deploy')?.mostArguments, 1);
    assert.equal(commands.get('events')?.mostArguments, Number.POSITIVE_INFINITY);
  });

  it('takes no option from a description', () => {
    const help =
      'Usage: kedge x [options]\n\nsays (also: --no)\n\nOptions:\n  -a, --all  all of it; see\n             --other\n\nMore:\n  -b  no\n';
    assert.deepEqual([...readHelp(help).options.keys()], ['-a', '--all']);
  });
});
