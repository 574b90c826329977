import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageReference } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { timeOfDay } from '../terminal/relative-time.ts';
import { createFakeBus, type FakeBus } from '../testing/fake-bus.ts';
import { noon } from '../testing/recording-terminal.ts';
import { runLine } from '../testing/run-line.ts';
import { digestA, digestB, releaseB, rollout, statusReply, web } from '../testing/samples.ts';

const updated = {
  reference: ImageReference.parse('hello:1'),
  digest: digestB,
  platformDigest: digestB,
  previous: digestA,
  services: [web],
};
const progressed = { rollout, release: releaseB, image: 'hello:1', digest: digestB, step: 'pull', message: 'pull' };
const clock = timeOfDay(noon.toISOString(), noon);

/** The command follows as soon as its promise exists, because the fake bus connects at once. */
async function started(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('kedge events', () => {
  it('prints one line for each event and ends after --limit', async () => {
    const bus = createFakeBus();
    const running = runLine(bus, 'events --limit 2');
    await started();
    bus.say('image.updated', updated);
    bus.say('deploy.progressed', progressed, 'web');
    bus.say('deploy.progressed', progressed, 'web');
    const { exitCode, out } = await running;
    assert.equal(exitCode, 0);
    assert.deepEqual(out.split('\n'), [
      `${clock}  image.updated         -  hello:1 is now bbbbbbbbbbbb (was aaaaaaaaaaaa)`,
      `${clock}  deploy.progressed     web  pull`,
      '',
    ]);
  });

  it('prints CloudEvents, one to a line, for programs', async () => {
    const bus = createFakeBus({}, { identity: 'hooks' });
    const running = runLine(bus, 'events --json --limit 1 image.updated');
    await started();
    bus.say('deploy.progressed', progressed, 'web');
    bus.say('image.updated', updated);
    const event = JSON.parse((await running).out);
    assert.equal(event.type, 'image.updated.v1');
    assert.equal(event.data.digest, digestB);
  });

  it('keeps to one service', async () => {
    const bus = createFakeBus();
    const running = runLine(bus, 'events --service web --limit 1');
    await started();
    bus.say('deploy.progressed', progressed, 'api');
    bus.say('deploy.progressed', progressed, 'web');
    assert.match((await running).out, /^\S+ {2}deploy.progressed +web {2}pull\n$/);
  });

  describe('of a service that nobody knows', () => {
    const day = 86_400_000;
    const unknown = (where: string) =>
      `error: there is no service "wbe", and no word of it in the newest 1 stored event of ${where}; did you mean "web"? [SERVICE_UNKNOWN]\n`;
    const declared = { 'status.services': () => statusReply() };

    it('says so at once, also when following, and names the nearest', async () => {
      for (const options of ['--no-follow --since 1h', '', '--for 1h', '--since 1h image', '--since 2d']) {
        const bus = createFakeBus(declared);
        bus.say('deploy.progressed', progressed, 'web');
        const line = `events --service wbe ${options}`.trim();
        const where = options === '--since 2d' ? 'that time' : 'the last day';
        assert.deepEqual(await runLine(bus, line), { exitCode: 1, out: '', err: unknown(where) }, line);
      }
    });

    it('looks no further than a day for it, unless it is asked to, and not at all for one that is declared', async () => {
      for (const [line, furthest] of [
        ['events --service wbe', [day]],
        ['events --service wbe --since 1h', [day]],
        ['events --service wbe --since 3d', [3 * day]],
        ['events --service web --since 1h --no-follow', [day / 24]],
        ['events --service web --for 1ms', []],
      ] as const) {
        const bus = createFakeBus(declared);
        const lookedBack: number[] = [];
        const recent: FakeBus['recent'] = async (question) => {
          lookedBack.push(noon.getTime() - question.since.getTime());
          return await bus.recent(question);
        };
        await runLine({ ...bus, recent }, line);
        assert.deepEqual(lookedBack, furthest, line);
      }
    });

    it('does not say so of one that is gone while the stream still tells of it, or of one that is quiet', async () => {
      let now = new Date(noon.getTime() - 7_200_000);
      const bus = createFakeBus(declared, { now: () => now });
      bus.say('deploy.progressed', progressed, 'gone');
      now = noon;
      assert.match((await runLine(bus, 'events --service gone --since 1d --no-follow')).out, /deploy\.progressed +gone {2}pull\n$/);
      for (const line of [
        'events --service gone --since 1h --no-follow',
        'events --service gone --for 1ms',
        'events --service web --for 1ms',
      ])
        assert.deepEqual(await runLine(bus, line), { exitCode: 0, out: '', err: '' }, line);
    });

    it('does not say so where nobody can tell', async () => {
      const unreadable = {
        ...createFakeBus(declared),
        recent: async () => await Promise.reject(new RetryableError('BUS_UNAVAILABLE', 'it is away')),
      };
      for (const bus of [createFakeBus(), unreadable])
        assert.deepEqual(await runLine(bus, 'events --service wbe --for 1ms'), { exitCode: 0, out: '', err: '' });
    });
  });

  it('ends after a time, and with Ctrl-C', async () => {
    assert.deepEqual(await runLine(createFakeBus(), 'events --for 1ms'), { exitCode: 0, out: '', err: '' });
    const interrupt = new AbortController();
    const running = runLine(createFakeBus(), 'events --follow', { signal: interrupt.signal });
    await started();
    interrupt.abort();
    assert.deepEqual(await running, { exitCode: 130, out: '', err: '' });
  });

  it('ends when the bus stays away, and says so', async () => {
    const bus = createFakeBus();
    const running = runLine(bus, 'events');
    await started();
    bus.disconnect();
    const { exitCode, out, err } = await running;
    assert.deepEqual([exitCode, out], [2, '']);
    assert.match(err, /^the bus is away; waiting .*\nerror: the bus did not come back, .*start the stack again.* \[BUS_UNAVAILABLE\]\n$/);
  });

  it('goes on when the bus comes back', async () => {
    const bus = createFakeBus();
    const running = runLine(bus, 'events --limit 1');
    await started();
    for (let restarts = 0; restarts < 10; restarts += 1) {
      bus.disconnect();
      for (let looks = 0; looks < 10; looks += 1) await started();
      bus.reconnect();
      await started();
    }
    bus.say('image.updated', updated);
    assert.equal((await running).exitCode, 0);
  });

  it('shows the end of what the container of a failed deploy said', async () => {
    const failed = {
      rollout,
      release: releaseB,
      image: 'hello:1',
      digest: digestB,
      reason: 'crashed' as const,
      message: 'exit code 1',
      lastLines: ['1', '2', '3', '4', '5', 'bo\u001b[2Jom'],
      barred: true,
    };
    const [people, programs] = await Promise.all(
      ['events --limit 1', 'events --limit 1 --json'].map(async (line) => {
        const bus = createFakeBus();
        const running = runLine(bus, line);
        await started();
        bus.say('deploy.failed', failed, 'web');
        return (await running).out;
      }),
    );
    assert.deepEqual(people?.split('\n').slice(1), ['          2', '          3', '          4', '          5', '          boom', '']);
    assert.deepEqual(JSON.parse(programs ?? '').data.lastLines, failed.lastLines);
  });

  it('says that events may be missing after the bus was away', async () => {
    const bus = createFakeBus();
    const running = runLine(bus, 'events --limit 1');
    await started();
    bus.reconnect();
    bus.say('image.updated', updated);
    assert.equal((await running).err, 'the bus was away; events may be missing here\n');
  });

  it('leaves out what is said too often to be stored, unless it is named', async () => {
    const sampled = {
      instance: 'proxy-1',
      service: web,
      windowMs: 5_000,
      targets: { t: { requests: 3, status5xx: 0, connectFailures: 0 } },
    };
    const outputs = await Promise.all(
      ['events --limit 1', 'events --limit 1 traffic'].map(async (line) => {
        const bus = createFakeBus();
        const running = runLine(bus, line);
        await started();
        bus.say('traffic.sampled', sampled);
        bus.say('image.updated', updated);
        return (await running).out;
      }),
    );
    assert.match(outputs[0] ?? '', /image\.updated/);
    assert.match(outputs[1] ?? '', /traffic\.sampled +- {2}proxy-1 passed 3 requests to web in 5 s/);
  });

  it('names the nearest subject', async () => {
    const { exitCode, err } = await runLine(createFakeBus(), 'events image.update');
    assert.equal(exitCode, 1);
    assert.match(err, /did you mean "image.updated"/);
  });

  it('does not offer what this identity may not follow', async () => {
    const { exitCode, err } = await runLine(createFakeBus(), 'events deploy.requested');
    assert.equal(exitCode, 1);
    assert.match(err, /there is no event "deploy.requested"/);
  });

  describe('--since', () => {
    const minutesAgo = (minutes: number) => new Date(noon.getTime() - minutes * 60_000);
    const steps = (out: string) =>
      [...out.matchAll(/deploy\.progressed +(\S+) {2}(\S+)/g)].map(([, service, step]) => `${service} ${step}`);
    const step = (name: string) => ({ ...progressed, step: name, message: name });

    /** A bus on which a service took a step 20, 9 and 3 minutes ago. */
    function busWithPast(options: Parameters<typeof createFakeBus>[1] = {}): FakeBus {
      let now = noon;
      const bus = createFakeBus({}, { now: () => now, ...options });
      for (const [minutes, name, service] of [
        [20, 'pull', 'web'],
        [9, 'create', 'web'],
        [3, 'start', 'api'],
      ] as const) {
        now = minutesAgo(minutes);
        bus.say('deploy.progressed', step(name), service);
      }
      now = noon;
      return bus;
    }

    it('tells what happened since then, oldest first, and goes on', async () => {
      const bus = busWithPast();
      const running = runLine(bus, 'events --since 10m --limit 3');
      await started();
      bus.say('deploy.progressed', step('drain'), 'web');
      const { exitCode, out } = await running;
      assert.equal(exitCode, 0);
      assert.deepEqual(steps(out), ['web create', 'api start', 'web drain']);
      assert.equal(out.split(' ')[0], timeOfDay(minutesAgo(9).toISOString(), noon));
    });

    it('ends after the stored ones with --no-follow', async () => {
      const { exitCode, out } = await runLine(busWithPast(), 'events --since 1h --no-follow');
      assert.equal(exitCode, 0);
      assert.deepEqual(steps(out), ['web pull', 'web create', 'api start']);
      for (const days of ['1d', '2d3h']) assert.equal((await runLine(busWithPast(), `events --since ${days} --no-follow`)).out, out);
      assert.deepEqual(await runLine(busWithPast(), 'events --since 1m --no-follow'), { exitCode: 0, out: '', err: '' });
    });

    it('tells the date of what happened on another day', async () => {
      const bus = createFakeBus({}, { now: () => minutesAgo(2_880) });
      bus.say('deploy.progressed', step('pull'), 'web');
      assert.match((await runLine(bus, 'events --since 3d --no-follow')).out, /^2026-02-2\d \d\d:\d\d:\d\d {2}deploy\.progressed /);
    });

    it('tells once what happens while it reads, in its order', async () => {
      const bus: FakeBus = busWithPast({
        aroundRecent: (moment) => bus.say('deploy.progressed', step(moment), 'web'),
      });
      const running = runLine(bus, 'events --since 5m --limit 4');
      await started();
      bus.say('deploy.progressed', step('drain'), 'web');
      assert.deepEqual(steps((await running).out), ['api start', 'web before', 'web after', 'web drain']);
    });

    it('keeps both parts to the service, the subjects and the count', async () => {
      const bus = busWithPast();
      bus.say('image.updated', updated);
      const running = runLine(bus, 'events --since 1h --service web --limit 3 deploy');
      await started();
      bus.say('deploy.progressed', step('drain'), 'api');
      bus.say('image.updated', updated);
      bus.say('deploy.progressed', step('remove'), 'web');
      assert.deepEqual((await running).out.trimEnd().split('\n').length, 3);
      assert.deepEqual(steps((await running).out), ['web pull', 'web create', 'web remove']);
      assert.deepEqual(steps((await runLine(busWithPast(), 'events --since 1h --limit 2')).out), ['web pull', 'web create']);
    });

    it('prints both parts as CloudEvents for programs', async () => {
      const bus = busWithPast();
      const running = runLine(bus, 'events --since 5m --json --limit 2');
      await started();
      bus.say('image.updated', updated);
      const events = (await running).out.trimEnd().split('\n');
      assert.deepEqual(
        events.map((line) => JSON.parse(line).type),
        ['deploy.progressed.v1', 'image.updated.v1'],
      );
    });

    it('says nothing more after Ctrl-C', async () => {
      const interrupt = new AbortController();
      const bus = busWithPast({ aroundRecent: () => interrupt.abort() });
      assert.deepEqual(await runLine(bus, 'events --since 1h', { signal: interrupt.signal }), { exitCode: 130, out: '', err: '' });
    });

    it('looks back to the beginning of time at most', async () => {
      for (const age of ['99999999999h', '99999999999999999999d'])
        assert.equal(steps((await runLine(busWithPast(), `events --since ${age} --no-follow`)).out).length, 3, age);
    });

    it('fails when the past cannot be read', async () => {
      const away = { ...createFakeBus(), recent: async () => await Promise.reject(new RetryableError('BUS_UNAVAILABLE', 'it is away')) };
      assert.deepEqual(await runLine(away, 'events --since 1h'), { exitCode: 2, out: '', err: 'error: it is away [BUS_UNAVAILABLE]\n' });
    });

    it('is needed for --no-follow, and must be a duration', async () => {
      const { exitCode, err } = await runLine(createFakeBus(), 'events --no-follow');
      assert.equal(exitCode, 1);
      assert.match(err, /--since 10m \[SINCE_MISSING\]/);
      for (const text of ['yesterday', 'd', '1dd', '2days'])
        assert.match((await runLine(createFakeBus(), `events --since ${text}`)).err, new RegExp(`"${text}" is .*DURATION_INVALID`));
    });
  });

  it('refuses a count and a duration that are none', async () => {
    assert.equal((await runLine(createFakeBus(), 'events --limit 0')).exitCode, 1);
    assert.match((await runLine(createFakeBus(), 'events --for soon')).err, /DURATION_INVALID/);
  });
});
