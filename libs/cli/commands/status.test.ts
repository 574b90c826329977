import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ServiceName, type StatusReply } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { digestA, digestB, doctorReply, releaseA, releaseB, serviceStatus, statusReply } from '../testing/samples.ts';

const nightly = serviceStatus({
  service: ServiceName.parse('nightly'),
  phase: 'idle',
  reason: 'next run by its clock',
  image: 'tools@sha256:0123',
  digest: null,
  since: null,
  replicas: { ready: 0, wanted: 1 },
  routes: [],
  nextRun: '2026-03-01T15:00:00.000Z',
});
const barred = serviceStatus({ barred: [{ release: releaseB, digest: digestB, message: 'exit code 1' }] });

describe('kedge status', () => {
  it('shows one line for each service', async () => {
    const { exitCode, out } = await runLine(
      createFakeBus({ 'status.services': () => statusReply({ services: [serviceStatus(), nightly] }) }),
      'status',
    );
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n'), [
      'SERVICE  PHASE    IMAGE                   DIGEST        READY  SINCE      NEXT RUN  ROUTES              REASON',
      'web      serving  localhost:5000/hello:1  aaaaaaaaaaaa  2/2    3 min ago            hello.example.com/  all replicas are ready',
      'nightly  idle     tools                   -             0/1    -          in 3 h                        next run by its clock',
      '',
    ]);
  });

  it('tells what needs attention and what to do', async () => {
    const { exitCode, out } = await runLine(createFakeBus({ 'status.services': () => statusReply({ services: [barred] }) }), 'status');
    assert.equal(exitCode, 0);
    assert.match(out, /\n\nNeeds attention:\n- web: bbbbbbbbbbbb is barred: exit code 1\n {2}push a better image, or "kedge clear web"/);
  });

  it('tells why the folder cannot be read, as the watcher has it', async () => {
    const reason = 'the secrets component did not answer config.render';
    const bus = createFakeBus({
      'status.services': () => statusReply({ services: [serviceStatus()] }),
      'doctor.watcher': () => doctorReply({ parts: { config: reason, registry: true } }),
    });
    const { exitCode, out } = await runLine(bus, 'status --exit-code');
    assert.equal(exitCode, 3);
    assert.match(
      out,
      /- configuration: the secrets component did not answer config\.render; until it can be read, the one before stays in force\n/,
    );
    assert.match(out, /"kedge validate" says what the watcher makes of the folder/);
  });

  it('tells what stands in the way of a service no second time with what waits for that, except alone and for programs', async () => {
    const times = { since: '2026-03-01T11:58:00.000Z', retryAt: '2026-03-01T12:05:00.000Z', failures: 1 };
    const waits = (name: string, code: string, message: string) =>
      serviceStatus({
        service: ServiceName.parse(name),
        phase: 'waiting',
        reason: message,
        routes: [],
        waiting: { code, message, ...times },
      });
    const taken = 'a container named db exists that Kedge did not make';
    const onDb = 'it waits for db (started), which waits itself';
    const services = [waits('api', 'DEPENDENCY_PENDING', `${onDb}: ${taken}`), waits('db', 'NAME_TAKEN', taken)];
    const bus = createFakeBus({
      'status.services': ({ service }) =>
        statusReply({ services: services.filter((each) => service === undefined || each.service === service) }),
    });
    const { out } = await runLine(bus, 'status');
    assert.match(out, /^api .* it waits for db \(started\), which waits itself: NAME_TAKEN, told there$/m);
    assert.match(out, /^- api waits: it waits for db \(started\), which waits itself: NAME_TAKEN, told there \(DEPENDENCY_PENDING\)/m);
    assert.match(out, /^- db waits: a container named db exists that Kedge did not make \(NAME_TAKEN\)/m);
    for (const line of ['status api', 'status --json']) assert.ok((await runLine(bus, line)).out.includes(`${onDb}: ${taken}`), line);
  });

  it('names no next run while everything is down, except for programs', async () => {
    const down = { since: '2026-03-01T11:58:00.000Z' };
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [nightly], down }) });
    for (const line of ['status', 'status nightly'])
      assert.doesNotMatch((await runLine(bus, line)).out, /next run {2}|NEXT RUN|in 3 h/, line);
    assert.equal(JSON.parse((await runLine(bus, 'status --json')).out).services[0].nextRun, nightly.nextRun);
  });

  it('cuts long reasons on a terminal alone, where there are several, and tells them whole below the table', async () => {
    const message = `it failed ${'again and '.repeat(20)}again`;
    const broken = ['api', 'db'].map((name) =>
      serviceStatus({ service: ServiceName.parse(name), phase: 'failed', reason: message, barred: [], routes: [], digest: null }),
    );
    const bus = createFakeBus({
      'status.services': ({ service }) =>
        statusReply({ services: broken.filter((each) => service === undefined || each.service === service) }),
    });
    const shown = async (line: string, terminal = createRecordingTerminal({ isTerminal: true, columns: 100 })) =>
      stripVTControlCharacters((await runLine(bus, line, { terminal })).out).split('\n');
    const lines = await shown('status');
    const rows = lines.slice(1, 3);
    assert.deepEqual(
      rows.map((row) => [row.length <= 100, row.endsWith('…')]),
      [
        [true, true],
        [true, true],
      ],
    );
    for (const name of ['api', 'db']) assert.ok(lines.includes(`- ${name} failed: ${message}`), lines.join('\n'));
    for (const whole of [await shown('status', createRecordingTerminal()), await shown('status api')])
      assert.ok(whole[1]?.endsWith(message), whole.join('\n'));
    assert.equal(JSON.parse((await shown('status --json')).join('\n')).services[0].reason, message);
  });

  for (const [columns, heading] of [
    [110, 'SERVICE  PHASE    IMAGE                   DIGEST        READY  SINCE      NEXT RUN  REASON'],
    [80, 'SERVICE  PHASE    DIGEST        READY  SINCE      NEXT RUN  REASON'],
    [60, 'SERVICE  PHASE    READY  SINCE      REASON'],
    [40, 'SERVICE  PHASE    READY  REASON'],
  ] as const)
    it(`breaks no row on a terminal of ${columns} columns, and keeps what is needed most`, async () => {
      const bus = createFakeBus({ 'status.services': () => statusReply({ services: [serviceStatus(), nightly] }) });
      const terminal = createRecordingTerminal({ isTerminal: true, columns });
      const lines = stripVTControlCharacters((await runLine(bus, 'status', { terminal })).out).split('\n');
      assert.equal(lines[0], heading);
      assert.match(lines[1] ?? '', /^web {6}serving .*\b2\/2\b/);
      for (const line of lines) assert.ok(line.length <= columns, line);
    });

  it('says in its help what SINCE means', async () => {
    const { exitCode, out } = await runLine(createFakeBus(), 'status --help');
    assert.equal(exitCode, 0);
    assert.match(out, /\nSINCE is when the release took over that serves, .*started again since then\./);
  });

  it('says what a removal waits for in the middle of a renaming, and what to do', async () => {
    const at = '2026-03-01T11:58:00.000Z';
    const waiting = { code: 'START_FAILED', message: 'exit code 1', since: at, retryAt: '2026-03-01T12:00:25.000Z', failures: 3 };
    const front = serviceStatus({
      service: ServiceName.parse('front'),
      phase: 'failed',
      reason: 'exit code 1 (tried 3 times)',
      digest: null,
      since: null,
      replicas: { ready: 0, wanted: 2 },
      routes: [],
      waiting,
    });
    const old = serviceStatus({
      phase: 'removing',
      reason: 'it is declared no more; its route hello.example.com/ moves to front when that serves',
      replicas: { ready: 2, wanted: 0 },
      handsOverTo: { service: front.service, reason: 'its route hello.example.com/ moves to front when that serves' },
    });
    const { out } = await runLine(createFakeBus({ 'status.services': () => statusReply({ services: [front, old] }) }), 'status');
    assert.match(out, /^front .* 0\/2 /m);
    assert.match(out, /^web +removing .* 2\/- /m);
    assert.deepEqual(out.slice(out.indexOf('Needs attention')).split('\n'), [
      'Needs attention:',
      '- front failed: exit code 1 (START_FAILED) (since 2 min ago, next try in 25 s)',
      '  "kedge status front" and "kedge logs front" show its last lines',
      '- web is declared no more and serves on: its route hello.example.com/ moves to front when that serves',
      '  push a better image for front, or give the old name back: declare web again',
      '',
    ]);
  });

  it('says when a waiting service is tried again', async () => {
    const waiting = {
      code: 'PULL_FAILED',
      message: 'no route',
      since: '2026-03-01T11:58:00.000Z',
      retryAt: '2026-03-01T12:00:25.000Z',
      failures: 2,
    };
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [serviceStatus({ phase: 'waiting', waiting })] }) });
    assert.match((await runLine(bus, 'status')).out, /- web waits: no route \(PULL_FAILED\) \(since 2 min ago, next try in 25 s\)\n/);
  });

  it('marks a service whose registry is away, and tells why', async () => {
    const registry = {
      state: 'unreachable',
      code: 'REGISTRY_UNREACHABLE',
      message: 'no route',
      since: '2026-03-01T11:58:00.000Z',
    } as const;
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [serviceStatus({ registry }), nightly] }) });
    const { exitCode, out } = await runLine(bus, 'status --exit-code');
    assert.equal(exitCode, 3);
    const [headings, row, other] = out.split('\n');
    assert.match(headings ?? '', / DIGEST +REGISTRY +READY /);
    assert.match(row ?? '', / aaaaaaaaaaaa {2}unreachable {2}2\/2 /);
    assert.match(other ?? '', / tools +- +0\/1 /);
    assert.match(out, /- web: its registry cannot be asked: no route \(REGISTRY_UNREACHABLE\) \(since 2 min ago\)\n/);
  });

  it('shows everything of one service', async () => {
    const status = serviceStatus({
      barred: [{ release: releaseB, digest: digestB, message: 'exit code 1', wanted: false }],
      lastLines: ['starting', 'no \u001b[2Jdatabase'],
    });
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [status, nightly] }) });
    const { exitCode, out } = await runLine(bus, 'status web --exit-code');
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n').slice(3), [
      'image    localhost:5000/hello:1',
      `digest   ${digestA}`,
      `release  ${releaseA}`,
      'route    hello.example.com/',
      'history  bbbbbbbbbbbb: exit code 1; barred, but something else is wanted by now',
      '',
      'The last lines of the container that failed:',
      '  starting',
      '  no database',
      '',
    ]);
    assert.doesNotMatch((await runLine(bus, 'status')).out, /history|The last lines/);
  });

  it('exits with 3 for attention only when asked to', async () => {
    const bus = createFakeBus({ 'status.services': () => statusReply({ services: [barred] }) });
    assert.equal((await runLine(bus, 'status --exit-code')).exitCode, 3);
    assert.equal((await runLine(createFakeBus({ 'status.services': () => statusReply() }), 'status --exit-code')).exitCode, 0);
  });

  it('prints the answer itself for programs', async () => {
    const { out } = await runLine(createFakeBus({ 'status.services': () => statusReply() }), 'status --json');
    assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(statusReply())));
  });

  it('shows one service, and names the nearest for a slip of the pen', async () => {
    const all = [serviceStatus({ lastLines: ['no config'] }), nightly];
    const bus = createFakeBus({
      'status.services': ({ service }) =>
        statusReply({ services: all.filter((each) => service === undefined || each.service === service) }),
    });
    const one = (await runLine(bus, 'status web')).out;
    assert.match(one, /no config/);
    assert.doesNotMatch(one, /nightly/);
    const { exitCode, out, err } = await runLine(bus, 'status wbe');
    assert.equal(exitCode, 1);
    assert.equal(out, '');
    assert.equal(err, 'error: there is no service "wbe"; did you mean "web"? [SERVICE_UNKNOWN]\n');
  });

  it('says what to do where nothing is declared', async () => {
    assert.match(
      (await runLine(createFakeBus({ 'status.services': () => statusReply({ services: [] }) }), 'status')).out,
      /^No service is declared yet/,
    );
  });

  it('says that a first configuration was rejected, and nothing of one that is held', async () => {
    const config = { revision: null, problem: 'the newest configuration is not in force: kedge.toml:1: not valid TOML' };
    const { out } = await runLine(createFakeBus({ 'status.services': () => statusReply({ services: [], config }) }), 'status');
    assert.match(out, /^No service is declared: the configuration was rejected, and there was none before\.\n/);
    assert.match(out, /- configuration: the newest .*\n {2}"kedge validate" shows everything that is wrong, and where\n$/);
    assert.doesNotMatch(out, /put a folder|held|kedge apply/);
  });

  it('exits with 2 when the reconciler does not answer', async () => {
    const bus = createFakeBus();
    const { exitCode, err } = await runLine(bus, 'status');
    assert.equal(exitCode, 2);
    assert.match(err, /reconciler did not answer status.services.*\[REQUEST_UNANSWERED\]/);
    assert.ok(bus.isClosed());
  });

  it('shows a change again while it watches, and ends with Ctrl-C', async () => {
    const interrupt = new AbortController();
    let looks = 0;
    const bus = createFakeBus({
      'status.services': () => {
        looks += 1;
        if (looks === 4) interrupt.abort();
        return statusReply({ services: [looks < 3 ? serviceStatus() : barred] });
      },
      'doctor.watcher': () => doctorReply({ parts: { config: 'the folder is away', registry: true } }),
    });
    const { exitCode, out } = await runLine(bus, 'status -w --json', { signal: interrupt.signal });
    assert.equal(exitCode, 130);
    const shown: StatusReply[] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      shown.map(({ services }) => services[0]?.barred.length),
      [0, 1],
    );
    for (const { config } of shown) assert.match(config.problem ?? '', /^the folder is away;/);
  });

  it('paints phases on a terminal', async () => {
    const terminal = createRecordingTerminal({ isTerminal: true });
    const { out } = await runLine(createFakeBus({ 'status.services': () => statusReply() }), 'status', { terminal });
    assert.ok(out.includes('\u001b[32mserving'), out);
    assert.match(stripVTControlCharacters(out), /^SERVICE {2}PHASE/);
  });
});
