import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { runCli } from './run-cli.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { createRecordingTerminal } from './testing/recording-terminal.ts';
import { noPause, runLine } from './testing/run-line.ts';
import { statusReply } from './testing/samples.ts';

async function runWith(connect: Parameters<typeof runCli>[1]['connect'], words: readonly string[]) {
  const terminal = createRecordingTerminal();
  const exitCode = await runCli(words, {
    terminal,
    signal: new AbortController().signal,
    pause: noPause,
    actor: 'ann',
    keysFolder: () => '/nowhere',
    configPlace: { folder: '/nowhere' },
    processesFolder: '/proc',
    proxyPort: 80,
    dev: null,
    connect,
  });
  return { exitCode, err: terminal.err() };
}

describe('runCli', () => {
  it('explains itself, exit codes included, and hides what is for the stack', async () => {
    const { exitCode, out } = await runLine(createFakeBus(), '--help');
    assert.equal(exitCode, 0);
    for (const part of ['status', 'events', 'logs', 'deploy', 'clear', 'plan', 'validate', 'apply', 'check', 'Exit codes:'])
      assert.ok(out.includes(part), part);
    assert.doesNotMatch(out, /^ +bus /m);
  });

  it('says which version it is: that of the whole', async () => {
    const whole = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
    for (const option of ['--version', '-V']) {
      assert.deepEqual(await runLine(createFakeBus(), option), { exitCode: 0, out: `${whole.version}\n`, err: '' });
    }
  });

  it('calls wrong usage a failure and suggests the nearest command', async () => {
    const { exitCode, err } = await runLine(createFakeBus(), 'stauts');
    assert.equal(exitCode, 1);
    assert.match(err, /did you mean "status"/);
  });

  it('refuses a path that is missing, whatever stands in its place', async () => {
    for (const line of [
      '-t -c',
      '-c -t',
      'validate --config --json',
      'validate -c -t',
      '-t --config=',
      'validate -- -t',
      'import dispenser ',
    ]) {
      const { exitCode, out, err } = await runLine(createFakeBus(), line);
      assert.deepEqual([exitCode, out === ''], [1, !line.includes('--json')], line);
      assert.match(err, /it must be the path of a folder or of its main file/, line);
    }
  });

  it('takes -t and the command that it stands for for one', async () => {
    const { err } = await runLine(createFakeBus(), '-t -c /nowhere/of-mine validate');
    assert.match(err, /^Checked here, without the stack: \/nowhere\/of-mine$/m);
  });

  it('refuses what is no service name before it connects', async () => {
    const { exitCode, err } = await runWith(async () => await Promise.reject(new Error('connected')), ['deploy', '../x']);
    assert.equal(exitCode, 1);
    assert.match(err, /a service name has/);
  });

  it('connects as whoever --as names', async () => {
    const seen: (string | undefined)[] = [];
    const connect: Parameters<typeof runCli>[1]['connect'] = async ({ identity }) => {
      seen.push(identity);
      return createFakeBus({ 'status.services': () => statusReply() });
    };
    await runWith(connect, ['--as', 'hooks', 'status', '--json']);
    await runWith(connect, ['status', '--json']);
    assert.deepEqual(seen, ['hooks', undefined]);
    assert.equal((await runWith(connect, ['--as', 'watcher', 'status'])).exitCode, 1);
  });

  it('exits with 2 when the bus cannot be reached, and says code and message', async () => {
    for (const code of ['BUS_UNAVAILABLE', 'BUS_KEY_MISSING', 'BUS_KEY_REFUSED']) {
      const { exitCode, err } = await runWith(async () => await Promise.reject(new RetryableError(code, 'start the stack')), ['status']);
      assert.deepEqual([exitCode, err], [2, `error: start the stack [${code}]\n`]);
    }
  });

  it('exits with 1 for any other error', async () => {
    assert.equal((await runWith(async () => await Promise.reject(new TerminalError('BUS_REFUSED', 'no')), ['status'])).exitCode, 1);
    assert.deepEqual(await runWith(async () => await Promise.reject(new Error('odd')), ['status']), { exitCode: 1, err: 'error: odd\n' });
  });

  it('tells programs every error as one object, and people the same beside it', async () => {
    const refusal = new RetryableError('BUS_UNAVAILABLE', 'start the stack');
    for (const line of ['status --json', 'plan --json', 'apply --json', 'deploy web --wait --json', 'status --watch --json']) {
      const { exitCode, out, err } = await runLine(createFakeBus(), line, { refusal });
      assert.deepEqual(JSON.parse(out), { ok: false, error: { code: 'BUS_UNAVAILABLE', message: 'start the stack' } }, line);
      assert.deepEqual([exitCode, err], [2, 'error: start the stack [BUS_UNAVAILABLE]\n'], line);
    }
  });

  it('tells programs also what is wrong with the line, and nothing of its help', async () => {
    const { exitCode, out, err } = await runLine(createFakeBus(), 'status --jsn --json');
    assert.deepEqual([exitCode, JSON.parse(out).error.code], [1, 'USAGE_WRONG']);
    assert.match(JSON.parse(out).error.message, /^unknown option "--jsn"; did you mean "--json"\?$/);
    assert.match(err, /^error: unknown option "--jsn"/);
    assert.doesNotMatch((await runLine(createFakeBus(), 'status --json --help')).out, /"ok"/);
    assert.equal((await runLine(createFakeBus(), 'deploy -- --json')).out, '');
  });

  it('does not send people to start a stack that answers them', async () => {
    const away = () => {
      throw new RetryableError('BUS_UNAVAILABLE', 'reading images/x did not work: the bus does not answer; is the stack running?');
    };
    const { exitCode, err } = await runLine(createFakeBus({ 'status.services': away }), 'status');
    assert.equal(exitCode, 2);
    assert.equal(err, 'error: the reconciler has no connection to the bus for the moment, and goes on by itself [BUS_UNAVAILABLE]\n');
  });
});
