import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateDispenser } from './dispenser-words.ts';

/** What was written, and what it means here. */
const table: readonly (readonly [written: string, meant: string])[] = [
  ['status web --json', 'status web --json'],
  ['--as hooks status', '--as hooks status'],
  ['-t', 'validate --test'],
  ['--test --json', 'validate --test --json'],
  ['-t --help', 'validate --test --help'],
  ['-t -c x/kedge.toml', 'validate --test --config x/kedge.toml'],
  ['--config=x/kedge.toml --test', 'validate --test --config x/kedge.toml'],
  ['-cx -t', 'validate --test --config x'],
  ['-c x dev -s api', '--config x dev -s api'],
  ['dev -s api -t', 'dev -s api -t'],
  ['-t dev -s api', 'dev --test -s api'],
  ['-t -c x dev api db', 'dev --test --config x api db'],
  ['-s reload', 'reload'],
  ['-sreload', 'reload'],
  ['--signal=reload --no-wait', 'reload --no-wait'],
  ['-s stop --yes', 'down --yes'],
  ['--yes -s stop', 'down --yes'],
  ['-t -s stop', 'down'],
  ['--as hooks -s reload', 'reload --as hooks'],
  ['-p x.pid -s reload', 'reload'],
  ['-t -c', 'validate --test --config '],
  ['-c -t', 'validate --test --config '],
  ['-t --config=', 'validate --test --config '],
  ['-t --as', 'validate --test --as '],
  ['-p -t', 'validate --test'],
  ['-t -c D validate', 'validate --test --config D'],
  ['-t validate D --json', 'validate --test D --json'],
  ['-t -c D validate validate', 'validate --test --config D validate'],
  ['-V', '-V'],
  ['--help', '--help'],
  ['', ''],
];

describe('translateDispenser', () => {
  for (const [written, meant] of table) {
    it(`reads "${written}" as "${meant}"`, () => {
      assert.equal(translateDispenser(written.split(' ')).words.join(' '), meant);
    });
  }

  it('keeps words with spaces whole', () => {
    assert.deepEqual(translateDispenser(['-c', 'my folder', '-t']).words, ['validate', '--test', '--config', 'my folder']);
  });

  it('says that the pid file is none any more, and goes on', () => {
    const { words, remarks } = translateDispenser(['--pid-file', 'dispenser.pid', '-s', 'reload']);
    assert.deepEqual(words, ['reload']);
    assert.match(remarks.join('\n'), /^--pid-file has no effect: .*over the bus/);
    assert.deepEqual(translateDispenser(['-t']).remarks, []);
  });

  it('says that a signal reaches the stack, whatever file is named', () => {
    assert.match(translateDispenser(['-c', 'x', '-s', 'stop']).remarks.join('\n'), /KEDGE_CONFIG/);
  });

  it('names the signals that there are', () => {
    for (const words of [['-s', 'relaod'], ['--signal=TERM'], ['-s', 'toString']])
      assert.throws(() => translateDispenser(words), { code: 'SIGNAL_UNKNOWN', message: /takes reload or stop/ });
    assert.throws(() => translateDispenser(['-s', 'relaod']), /did you mean "reload"/);
  });

  it('says that a signal is missing, also where another option follows', () => {
    for (const words of [['-s'], ['-s', '-t'], ['--signal='], ['-s', '--yes']])
      assert.throws(() => translateDispenser(words), { code: 'SIGNAL_UNKNOWN', message: /takes reload or stop, and nothing is given$/ });
  });

  it('says how Kedge is started to whoever starts it as Dispenser was', () => {
    for (const words of [['-c', 'dispenser.toml'], ['--pid-file=x']])
      assert.throws(() => translateDispenser(words), { code: 'COMMAND_MISSING', message: /docker compose up -d --wait/ });
  });
});
