import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DataOf, type PlanReply, ServiceName, type ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { noon } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { digestB, releaseB, rollout, serviceStatus, statusReply, web } from '../testing/samples.ts';

const old = ServiceName.parse('old');
const fine: ValidateReply = { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: 'r1' };
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const change: DataOf<'config.changed'> = { revision: 'r2', added: [], changed: [web], removed: [old] };
const succeeded = { ...newer, durationMs: 4_200, drained: true, openRequests: 0 };
const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'config-changed', steps: [] };

interface Stack {
  /** Which questions nobody answers, counted from 1 for each subject. */
  readonly lost?: (subject: string, asked: number) => boolean;
  /** What the watcher says when it is asked to read the folder. */
  readonly onRead?: (bus: FakeBus) => void;
  /** What the reconciler says when it is asked for its status. */
  readonly onLook?: (bus: FakeBus) => void;
  readonly changes?: PlanReply['changes'];
  readonly reply?: ValidateReply;
  /** What the plan says of the configuration as a whole. */
  readonly problem?: string;
  /** Everything is down. */
  readonly down?: boolean;
}

function stack({ lost = () => false, onRead, onLook, changes = [], reply = fine, problem, down = false }: Stack): FakeBus {
  let looks = 0;
  const bus: FakeBus = createFakeBus(
    {
      'config.validate': () => {
        onRead?.(bus);
        return reply;
      },
      'status.services': () => {
        looks += 1;
        if (looks === 1) onLook?.(bus);
        const service = serviceStatus({ release: releaseB, digest: digestB, phase: down ? 'stopped' : 'serving' });
        return statusReply({ services: [service], ...(down ? { down: { since: noon.toISOString() } } : {}) });
      },
      'deploy.plan': () => ({ changes, ...(problem === undefined ? {} : { problem }) }),
    },
    { lost },
  );
  return bus;
}

describe('kedge reload', () => {
  it('tells what changed, waits for it, and tells how each service ended', async () => {
    for (const line of ['reload', '-s reload', '--signal=reload']) {
      const bus = stack({
        onRead: (each) => each.say('config.changed', change),
        onLook: (each) => each.say('deploy.succeeded', succeeded, 'web'),
      });
      const { exitCode, out, err } = await runLine(bus, line);
      assert.deepEqual([exitCode, err, bus.asked[0]?.data], [0, '', { reload: true }]);
      assert.deepEqual(out.split('\n'), [
        'In force: removed old; changed web.',
        'reload',
        '  old is removed',
        '  web serves bbbbbbbbbbbb after 4.2 s',
        '2 services done: old, web.',
        '',
      ]);
    }
  });

  it('fails as a service fails', async () => {
    const failure = { ...newer, reason: 'crashed' as const, message: 'exit code 1', lastLines: ['boom'], barred: true };
    const bus = stack({
      onRead: (each) => each.say('config.changed', change),
      onLook: (each) => each.say('deploy.failed', failure, 'web'),
    });
    const { exitCode, out } = await runLine(bus, 'reload');
    assert.equal(exitCode, 1);
    assert.match(out, /1 of 2 services failed: web\.\n {2}- web failed: .*\n {6}boom\n/);
  });

  it('asks again while the watcher, or the reconciler, is away', async () => {
    const { exitCode, out, err } = await runLine(stack({ lost: (_subject, asked) => asked < 3 }), 'reload');
    assert.deepEqual([exitCode, out], [0, 'In force already: nothing in the folder changed.\nNothing to do.\n']);
    assert.match(
      err,
      /^waiting for .*watcher did not answer config\.validate.*\nwaiting for .*reconciler did not answer deploy\.plan.*\n$/,
    );
  });

  it('says that nothing changed', async () => {
    const { exitCode, out } = await runLine(stack({}), 'reload');
    assert.deepEqual([exitCode, out], [0, 'In force already: nothing in the folder changed.\nNothing to do.\n']);
  });

  it('waits for what is under way although the change was taken up before it was asked', async () => {
    const bus = stack({ changes: [rolling], onLook: (each) => each.say('deploy.succeeded', succeeded, 'web') });
    assert.match((await runLine(bus, 'reload')).out, /web serves bbbbbbbbbbbb/);
  });

  it('does not wait for what changes for another reason, and says so', async () => {
    const api = ServiceName.parse('api');
    const ofImage: PlanReply['changes'] = [{ ...rolling, service: api, reason: 'image-updated' }];
    const others = 'Goes on by itself, and is not waited for: api.';
    for (const [changed, lines] of [
      [[], ['In force: settings that belong to no service.', others, '']],
      [[web], ['In force: changed web.', others, 'reload', '  web serves bbbbbbbbbbbb after 4.2 s', '1 service done: web.', '']],
    ] as const) {
      const bus = stack({
        changes: ofImage,
        onRead: (each) => each.say('config.changed', { ...change, changed: [...changed], removed: [] }),
        onLook: (each) => each.say('deploy.succeeded', succeeded, 'web'),
      });
      const { exitCode, out } = await runLine(bus, 'reload');
      assert.deepEqual([exitCode, out.split('\n')], [0, lines]);
    }
  });

  it('does not fail because of what failed before it was asked', async () => {
    const migrate = ServiceName.parse('migrate');
    const barred = [{ release: releaseB, digest: digestB, message: 'exit code 3' }];
    let now = new Date(noon.getTime() - 5_000);
    let looks = 0;
    const bus: FakeBus = createFakeBus(
      {
        'config.validate': () => {
          bus.say('config.changed', { ...change, removed: [] });
          return fine;
        },
        'status.services': () => {
          looks += 1;
          if (looks === 1) bus.say('deploy.succeeded', succeeded, 'web');
          return statusReply({ services: [serviceStatus(), serviceStatus({ service: migrate, phase: 'failed', barred })] });
        },
        'deploy.plan': () => ({ changes: [rolling] }),
      },
      { now: () => now },
    );
    bus.say('config.changed', { ...change, changed: [migrate], removed: [] });
    now = noon;
    const { exitCode, out } = await runLine(bus, 'reload');
    assert.equal(exitCode, 0);
    assert.match(out, /^In force: changed web\.\nreload\n.*\n1 service done: web\.\n$/s);
  });

  it('says why nothing of it starts', async () => {
    const { out } = await runLine(stack({ problem: 'no networks can be made' }), 'reload --no-wait');
    assert.match(out, /nothing in the folder changed\.\nno networks can be made\n/);
  });

  it('says of nothing that it is done while everything is down, and how it is started', async () => {
    const problem = 'everything was taken down; "kedge up" starts it again';
    for (const line of ['reload', 'reload --no-wait', 'reload --json']) {
      const bus = stack({ problem, changes: [rolling], down: true, onRead: (each) => each.say('config.changed', change) });
      const { exitCode, out, err } = await runLine(bus, line);
      const isJson = line.endsWith('--json');
      assert.equal(exitCode, 0);
      assert.equal(isJson ? err : out, `In force: removed old; changed web.\n${problem}\nNothing of it starts before that.\n`);
      if (isJson) assert.deepEqual(JSON.parse(out), { ok: true, outcome: 'done', change, services: [] });
    }
  });

  it('says nothing of what it did not wait for', async () => {
    const { exitCode, out } = await runLine(stack({}), 'reload', { signal: AbortSignal.abort() });
    assert.deepEqual([exitCode, out], [130, '']);
  });

  it('does not wait when it is told so', async () => {
    const bus = stack({ changes: [rolling], onRead: (each) => each.say('config.changed', change) });
    assert.deepEqual(await runLine(bus, 'reload --no-wait'), { exitCode: 0, out: 'In force: removed old; changed web.\n', err: '' });
  });

  it('shows what is wrong, and that nothing changed', async () => {
    const problems = [{ file: 'web/service.toml', line: 3, column: 1, message: 'no' }];
    const { exitCode, out } = await runLine(stack({ reply: { ...fine, ok: false, problems } }), 'reload');
    assert.equal(exitCode, 1);
    assert.match(out, /^web\/service\.toml:3:1: no\n\n1 problem in 1 file\.\nNothing changed: the last good configuration/);
  });

  it('leaves what would remove much to kedge apply', async () => {
    const held = { revision: 'r2', removes: [web], since: '2026-03-01T11:58:00.000Z' };
    // As the watcher answers it.
    const problems = [{ file: 'kedge.toml', line: 1, column: 1, message: 'this configuration would remove 1 of 1 services (web)' }];
    const { exitCode, out } = await runLine(stack({ reply: { ...fine, ok: false, problems, held } }), 'reload');
    assert.equal(exitCode, 1);
    assert.deepEqual(out.split('\n'), [
      'kedge.toml is fine, but held, because it would remove web: "kedge apply" shows that, and asks.',
      'Nothing changed: the one before it stays in force.',
      '',
    ]);
  });

  it('answers programs with one document', async () => {
    const bus = stack({
      onRead: (each) => each.say('config.changed', change),
      onLook: (each) => each.say('deploy.succeeded', succeeded, 'web'),
    });
    const { exitCode, out, err } = await runLine(bus, 'reload --json');
    assert.match(err, /^In force: removed old; changed web\.\nreload\n.*2 services done: old, web\.\n$/s);
    const { ok, change: told, outcome, services } = JSON.parse(out);
    assert.deepEqual([exitCode, ok, outcome, told], [0, true, 'done', change]);
    assert.deepEqual(
      services.map((each: { service: string; ok: boolean }) => [each.service, each.ok]),
      [
        ['old', true],
        ['web', true],
      ],
    );
  });

  it('ends with what only a person can cure, and says each reason once', async () => {
    const old = { code: 'SOURCE_MISSING', message: '/srv/x is not there', since: '2026-03-01T11:00:00.000Z', failures: 3 };
    let looks = 0;
    const bus = createFakeBus({
      'config.validate': () => fine,
      'deploy.plan': () => ({ changes: [rolling] }),
      'status.services': () => {
        looks += 1;
        const retryAt = `2026-03-01T12:00:${30 - looks}.000Z`;
        const waiting = { ...old, retryAt, failures: looks < 5 ? 3 : 4 };
        return statusReply({ services: [serviceStatus({ phase: 'waiting', waiting })] });
      },
    });
    const { exitCode, out } = await runLine(bus, 'reload');
    assert.equal(exitCode, 1);
    assert.deepEqual(out.split('\n').slice(2), [
      '  web: waiting: /srv/x is not there (SOURCE_MISSING); next try in 29 s',
      '  web waits: /srv/x is not there (SOURCE_MISSING)',
      '1 of 1 service failed: web.',
      '  - web waits: /srv/x is not there (SOURCE_MISSING)',
      '    Make what is missing, or correct source of its [[volume]]; it is tried again by itself.',
      '',
    ]);
  });

  it('does not repeat what the reconciler says of its own connection', async () => {
    let looks = 0;
    const problem = { code: 'BUS_UNAVAILABLE', message: 'reading images/x did not work: the bus does not answer; is the stack running?' };
    const bus = createFakeBus({
      'config.validate': () => fine,
      'deploy.plan': () => ({ changes: looks < 3 ? [{ ...rolling, reason: problem.message, problem }] : [] }),
      'status.services': () => {
        looks += 1;
        if (looks === 3) bus.say('deploy.succeeded', succeeded, 'web');
        return statusReply();
      },
    });
    const { exitCode, out } = await runLine(bus, 'reload');
    assert.equal(exitCode, 0);
    assert.match(out, /\n {2}web: the reconciler has no connection to the bus for the moment, and goes on by itself\n/);
    assert.doesNotMatch(out, /is the stack running/);
  });
});
