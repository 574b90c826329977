import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogsReply } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { statusReply } from '../testing/samples.ts';

function source(name: string, lines: string[]): LogsReply['sources'][number] {
  return { name, container: `id-${name}`, startedAt: null, exitCode: null, lines };
}

describe('kedge logs', () => {
  it('prints the lines of one container as they are', async () => {
    const bus = createFakeBus({ 'logs.tail': () => ({ sources: [source('web', ['one', 'two'])] }) });
    assert.deepEqual(await runLine(bus, 'logs web -n 7'), { exitCode: 0, out: 'one\ntwo\n', err: '' });
    assert.deepEqual(bus.asked[0]?.data, { service: 'web', lines: 7 });
  });

  for (const line of ['-n 7', '--lines=7', '--tail 7', '--tail=7', '--tail 7 -n 7'])
    it(`asks for so many lines: ${line}`, async () => {
      const bus = createFakeBus({ 'logs.tail': () => ({ sources: [source('web', ['one'])] }) });
      assert.deepEqual(await runLine(bus, `logs web ${line}`), { exitCode: 0, out: 'one\n', err: '' });
      assert.deepEqual(bus.asked[0]?.data, { service: 'web', lines: 7 });
    });

  it('says whose line it is when there are several', async () => {
    const bus = createFakeBus({ 'logs.tail': () => ({ sources: [source('web', ['one']), source('web.2', ['two'])] }) });
    assert.equal((await runLine(bus, 'logs web')).out, 'web   | one\nweb.2 | two\n');
  });

  it('asks for one run of a job, and fails when there is none', async () => {
    const bus = createFakeBus({ 'logs.tail': () => ({ sources: [] }) });
    const { exitCode, err } = await runLine(bus, 'logs nightly --run 2026-03-01T02:00:00Z');
    assert.deepEqual(bus.asked[0]?.data, { service: 'nightly', lines: 100, instant: '2026-03-01T02:00:00.000Z' });
    assert.equal(exitCode, 1);
    assert.equal(
      err,
      'nightly has no run of 2026-03-01T02:00:00.000Z; "kedge events job --service nightly --since 24h" tells of its runs\n',
    );
  });

  const unknown = () => {
    throw new TerminalError('SERVICE_UNKNOWN', 'nothing is known of it');
  };

  it('tells a service that has not begun from one that there is not', async () => {
    const bus = createFakeBus({ 'logs.tail': unknown, 'status.services': () => statusReply() });
    const begun = await runLine(bus, 'logs web');
    assert.deepEqual(begun, { exitCode: 0, out: '', err: 'web has no container and no run yet; "kedge status web" says why\n' });
    const strange = await runLine(bus, 'logs wbe');
    assert.deepEqual(strange, { exitCode: 1, out: '', err: 'error: there is no service "wbe"; did you mean "web"? [SERVICE_UNKNOWN]\n' });
  });

  it('waits for the first container of a service, and says once that nobody answers', async () => {
    const interrupt = new AbortController();
    let asked = 0;
    const bus = createFakeBus({
      'logs.tail': () => {
        asked += 1;
        if (asked === 6) interrupt.abort();
        if (asked < 3) return unknown();
        if (asked < 5) throw new RetryableError('REQUEST_UNANSWERED', 'nobody answers');
        return { sources: [source('web', ['hello'])] };
      },
      'status.services': () => statusReply(),
    });
    const { exitCode, out, err } = await runLine(bus, 'logs web -f', { signal: interrupt.signal });
    assert.deepEqual([exitCode, out], [130, 'hello\n']);
    assert.deepEqual(err.split('\n'), [
      'web has no container and no run yet; "kedge status web" says why',
      'waiting for an answer, and asking again: nobody answers',
      '',
    ]);
  });

  it('says that it does not give more than the last 5000 lines', async () => {
    for (const [name, line, err] of [
      ['web', 'logs web -n 5000', ''],
      [
        'web',
        'logs web -n 5001',
        'no more than the last 5000 lines of each container can be asked for; "docker logs web" has all that the engine keeps\n',
      ],
      ['run 2026-03-01T02:00:00Z', 'logs web -n 999999', 'no more than the last 5000 lines of each container can be asked for\n'],
    ] as const) {
      const bus = createFakeBus({ 'logs.tail': () => ({ sources: [source(name, ['one'])] }) });
      assert.deepEqual(await runLine(bus, line), { exitCode: 0, out: 'one\n', err });
      assert.deepEqual(bus.asked[0]?.data, { service: 'web', lines: 5_000 });
    }
  });

  it('says where an answer has fewer lines than were asked for, because they are long', async () => {
    const cut = (name: string) => ({ ...source(name, ['one', 'two']), cut: true as const });
    const bus = createFakeBus({
      'logs.tail': () => ({ sources: [cut('run 2026-03-01T02:00:00Z'), cut('web'), source('web.2', ['two'])] }),
    });
    assert.deepEqual((await runLine(bus, 'logs web')).err.split('\n'), [
      'run 2026-03-01T02:00:00Z: one answer holds no more than the last 2 lines, because they are long',
      'web: one answer holds no more than the last 2 lines, because they are long; "docker logs web" has all that the engine keeps',
      '',
    ]);
    assert.equal((await runLine(bus, 'logs web -n 1')).err, '');
  });

  it('prints the answer itself for programs', async () => {
    const reply = { sources: [source('web', ['one'])] };
    const { out } = await runLine(createFakeBus({ 'logs.tail': () => reply }), 'logs web --json');
    assert.deepEqual(JSON.parse(out), reply);
  });

  it('refuses what is no time', async () => {
    assert.equal((await runLine(createFakeBus(), 'logs web --run yesterday')).exitCode, 1);
  });

  it('goes on with new lines, of new containers too, until Ctrl-C', async () => {
    const looks: LogsReply[] = [
      { sources: [source('web', ['a', 'b', 'c'])] },
      { sources: [source('web', ['b', 'c', 'd'])] },
      { sources: [source('web', ['b', 'c', 'd']), source('web.2', ['x'])] },
    ];
    const interrupt = new AbortController();
    let asked = 0;
    const bus = createFakeBus({
      'logs.tail': () => {
        asked += 1;
        if (asked === looks.length) interrupt.abort();
        return looks[asked - 1] ?? { sources: [] };
      },
    });
    const { exitCode, out } = await runLine(bus, 'logs web -f -n 2', { signal: interrupt.signal });
    assert.equal(exitCode, 130);
    assert.equal(out, 'b\nc\nd\nweb.2 | x\n');
  });
});
