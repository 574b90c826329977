import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { initialiseBus } from '@kedge/shared/bus/setup';
import { type CloudEvent, ImageReference } from '@kedge/shared/contracts';
import { type Closable, TerminalError } from '@kedge/shared/kernel';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { startKedge } from './testing/run-process.ts';
import { digestB, releaseA, releaseB, rollout, statusReply, web } from './testing/samples.ts';

const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const image = ImageReference.parse('hello:1');

describe('kedge as a process, on a real bus', () => {
  let testBus: TestBus;
  let reconciler: Bus;
  let watcher: Bus;
  /** What the part of the reconciler does with a command. */
  let honour: (command: CloudEvent) => Promise<void> = async () => undefined;
  let commands: Closable;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    testBus = await startTestBus();
    [reconciler, watcher] = await Promise.all([testBus.connect('reconciler'), testBus.connect('watcher')]);
    environment = { KEDGE_BUS_URL: testBus.url, KEDGE_KEYS: testBus.keysFolder('cli'), KEDGE_ACTOR: 'ann' };
    reconciler.serve('status.services', async () => statusReply());
    reconciler.serve('deploy.plan', async () => ({ changes: [] }));
    reconciler.serve('logs.tail', async ({ service }) => {
      if (service !== web) throw new TerminalError('SERVICE_UNKNOWN', `there is no service "${service}"`);
      return { sources: [{ name: 'web', container: 'c1', startedAt: null, exitCode: null, lines: ['hello', 'world'] }] };
    });
    watcher.serve('watcher.check', async () => ({ checked: [{ reference: image, state: 'present', digest: digestB }] }));
    commands = await reconciler.consume('reconciler', async ({ event }) => {
      await honour(event);
      return { kind: 'done' };
    });
  });
  after(async () => {
    await commands.close();
    await testBus.close();
  });

  it('shows the status that the reconciler tells', async () => {
    const kedge = startKedge(['status'], environment);
    assert.equal(await kedge.ended, 0);
    assert.match(kedge.out(), /^SERVICE {2}PHASE .*\nweb {6}serving {2}localhost:5000\/hello:1 {2}aaaaaaaaaaaa {2}2\/2 /);
    assert.equal(kedge.err(), '');
  });

  it('carries the error of a component to the person', async () => {
    const kedge = startKedge(['logs', 'wbe'], environment);
    assert.equal(await kedge.ended, 1);
    assert.equal(kedge.err(), 'error: there is no service "wbe" [SERVICE_UNKNOWN]\n');
  });

  it('prints log lines as they are', async () => {
    const kedge = startKedge(['logs', 'web'], environment);
    assert.equal(await kedge.ended, 0);
    assert.equal(kedge.out(), 'hello\nworld\n');
  });

  it('follows events of every component', async () => {
    const kedge = startKedge(['events', '--json', '--limit', '1', 'image.updated'], environment);
    let ended = false;
    void kedge.ended.then(() => {
      ended = true;
    });
    // A core subscription hears nothing from before it: say it until it was heard.
    await waitUntil(async () => {
      await watcher.publish('image.updated', {
        reference: image,
        digest: digestB,
        platformDigest: digestB,
        previous: null,
        services: [web],
      });
      return ended;
    });
    assert.equal(await kedge.ended, 0);
    assert.equal(JSON.parse(kedge.out()).data.digest, digestB);
  });

  for (const identity of ['cli', 'hooks'] as const) {
    it(`tells ${identity} what was stored, oldest first, and goes on without repeating`, async () => {
      const say = async (step: string) =>
        await reconciler.publish('deploy.progressed', { ...newer, step, message: step }, { service: web });
      await say('pull');
      await say('create');
      const reader = { ...environment, KEDGE_KEYS: testBus.keysFolder(identity), KEDGE_IDENTITY: identity };
      const words = ['events', 'deploy.progressed', '--json', '--since', '10m'];
      const stepsOf = (out: string) =>
        out
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line).data.step);
      const past = startKedge([...words, '--no-follow'], reader);
      assert.equal(await past.ended, 0);
      assert.deepEqual(stepsOf(past.out()).slice(-2), ['pull', 'create']);

      const all = stepsOf(past.out());
      const following = startKedge([...words, '--limit', String(all.length + 1)], reader);
      await waitUntil(() => following.out().split('\n').length > all.length);
      await say('start');
      assert.equal(await following.ended, 0);
      assert.deepEqual(stepsOf(following.out()), [...all, 'start']);
    });
  }

  it('ends quietly when nobody reads on', async () => {
    const kedge = startKedge(['events', 'image'], environment);
    let ended = false;
    void kedge.ended.then(() => {
      ended = true;
    });
    await waitUntil(async () => {
      await watcher.publish('image.updated', {
        reference: image,
        digest: digestB,
        platformDigest: digestB,
        previous: null,
        services: [web],
      });
      if (kedge.out() !== '') kedge.stopReading();
      return ended;
    });
    assert.deepEqual([await kedge.ended, kedge.err()], [0, '']);
  });

  it('may follow each subject that it offers', async () => {
    const kedge = startKedge(['events', '--for', '300ms'], { ...environment, KEDGE_LOG_LEVEL: 'warn' });
    assert.equal(await kedge.ended, 0);
    assert.equal(kedge.err(), '');
  });

  it('ends on Ctrl-C', async () => {
    const kedge = startKedge(['events'], { ...environment, KEDGE_LOG_LEVEL: 'info' });
    await waitUntil(() => kedge.err().includes('connected to the bus'));
    kedge.interrupt();
    assert.equal(await kedge.ended, 130);
  });

  it('ends on Ctrl-C without a complaint when the stack was stopped meanwhile', async () => {
    const stopped = await startTestBus();
    try {
      const kedge = startKedge(['events'], {
        KEDGE_BUS_URL: stopped.url,
        KEDGE_KEYS: stopped.keysFolder('cli'),
        KEDGE_LOG_LEVEL: 'info',
      });
      await waitUntil(() => kedge.err().includes('connected to the bus'));
      await stopped.container.stop();
      await waitUntil(() => kedge.err().includes('waiting for it to come back'));
      kedge.interrupt();
      assert.equal(await kedge.ended, 130);
      assert.doesNotMatch(kedge.err(), /error:/);
    } finally {
      await stopped.close();
    }
  });

  it('asks for a deploy in the name of whoever runs it, and follows it to its end', async () => {
    const asked: CloudEvent[] = [];
    honour = async (command) => {
      asked.push(command);
      await reconciler.publish(
        'deploy.started',
        { ...newer, cause: 'requested', from: releaseA, strategy: 'start-first', reason: 'default' },
        { service: 'web' },
      );
      await reconciler.publish('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 }, { service: 'web' });
    };
    const kedge = startKedge(['deploy', 'web', '--wait', '--reason', 'hotfix'], environment);
    assert.equal(await kedge.ended, 0);
    assert.match(kedge.out(), /web serves bbbbbbbbbbbb after 4.2 s\n$/);
    assert.deepEqual(
      asked.map(({ actor, data }) => ({ actor, data })),
      [{ actor: 'ann', data: { service: 'web', action: 'deploy', reason: 'hotfix' } }],
    );
  });

  it('fails as the deploy fails, with the last lines', async () => {
    honour = async () => {
      await reconciler.publish(
        'deploy.failed',
        { ...newer, reason: 'crashed', message: 'exit code 1', exitCode: 1, lastLines: ['boom'], barred: true },
        { service: 'web' },
      );
    };
    const kedge = startKedge(['deploy', 'web', '--wait'], environment);
    assert.equal(await kedge.ended, 1);
    assert.match(kedge.out(), /The last lines of web:\n {2}boom\n/);
  });

  it('says what is missing when nobody listens there, within seconds', async () => {
    const kedge = startKedge(['status'], { ...environment, KEDGE_BUS_URL: 'nats://127.0.0.1:1' });
    assert.equal(await kedge.ended, 2);
    assert.match(
      kedge.err(),
      /^error: the bus at nats:\/\/127.0.0.1:1 does not answer \(.*refused.*\); start the stack with "npm start".*\[BUS_UNAVAILABLE\]\n$/i,
    );
  });

  it('says that a component does not answer', async () => {
    const kedge = startKedge(['apply', '--timeout', '100ms'], environment);
    assert.equal(await kedge.ended, 2);
    assert.match(
      kedge.err(),
      /^waiting for an answer, and asking again: watcher did not .*\nerror: watcher did not answer config\.validate/,
    );
  });

  it('reads a folder where nobody answers, as Dispenser spells it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-cli-'));
    try {
      await writeFile(join(folder, 'dispenser.toml'), 'delay=60 # Will watch for updates every 60 seconds\n');
      const nobody = { KEDGE_BUS_URL: 'nats://127.0.0.1:1', KEDGE_KEYS: folder };
      for (const [words, more] of [
        [['-t', '-c', join(folder, 'dispenser.toml')], {}],
        [['validate', folder], {}],
        [['--test'], { KEDGE_CONFIG: folder }],
      ] as const) {
        const kedge = startKedge(words, { ...nobody, ...more });
        assert.deepEqual([await kedge.ended, kedge.out()], [0, 'Dispenser config is ok.\n']);
      }
      await writeFile(join(folder, 'dispenser.toml'), 'dealy = 60\n');
      const wrong = startKedge(['-t', folder], nobody);
      assert.equal(await wrong.ended, 1);
      assert.match(wrong.out(), /^dispenser\.toml:1:1: .*\n {2}dealy = 60\n {2}\^\n {2}did you mean "delay"\?\n/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('asks the stack of "kedge dev", whose keys lie below those of the other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-cli-'));
    try {
      const keys = join(folder, 'dev', '.kedge');
      const contexts = join(keys, 'nats', 'context');
      await mkdir(contexts, { recursive: true });
      await cp(join(testBus.keysFolder('cli'), 'cli.nk'), join(keys, 'cli.nk'));
      await writeFile(join(contexts, 'kedge-cli.json'), JSON.stringify({ url: testBus.url }));
      const beside = { KEDGE_BUS_URL: 'nats://127.0.0.1:1', KEDGE_KEYS: folder };
      const kedge = startKedge(['--dev', 'status'], beside);
      assert.deepEqual([await kedge.ended, kedge.err()], [0, '']);
      assert.match(kedge.out(), /^web +serving /m);
      await rm(keys, { recursive: true });
      const away = startKedge(['--dev', 'status'], beside);
      assert.equal(await away.ended, 2);
      assert.match(away.err(), /\/dev\/\.kedge\/cli\.nk cannot be read; the stack writes it when it is started with "kedge dev"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('takes everything down in the name of whoever runs it', async () => {
    const asked: CloudEvent[] = [];
    honour = async (command) => void asked.push(command);
    const kedge = startKedge(['-s', 'stop', '--yes', '--no-wait'], environment);
    assert.equal(await kedge.ended, 0);
    await waitUntil(() => asked.length > 0);
    assert.deepEqual(
      asked.map(({ type, actor, data }) => ({ type, actor, data })),
      [{ type: 'node.requested.v1', actor: 'ann', data: { action: 'down' } }],
    );
  });

  it('finds the change that a reload put in force', async () => {
    watcher.serve('config.validate', async () => {
      await watcher.publish('config.changed', { revision: 'r2', added: [], changed: [web], removed: [] });
      return { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: 'r2' };
    });
    const kedge = startKedge(['reload', '--no-wait'], environment);
    assert.deepEqual([await kedge.ended, kedge.out(), kedge.err()], [0, 'In force: changed web.\n', '']);
  });

  it('says that a key belongs to another installation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-cli-'));
    try {
      await initialiseBus({
        keysRoot: join(folder, 'keys'),
        natsConfigFile: join(folder, 'nats.conf'),
        storeFolder: '/tmp/store',
        hooks: [],
        projectFolder: folder,
        publicUrl: testBus.url,
      });
      const kedge = startKedge(['status'], { ...environment, KEDGE_KEYS: join(folder, '.kedge') });
      assert.equal(await kedge.ended, 2);
      assert.match(kedge.err(), /refuses the key .*cli\.nk: it belongs to another installation.*\[BUS_KEY_REFUSED\]/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('lets a hook ask with the rights of hooks', async () => {
    const kedge = startKedge(['--as', 'hooks', 'status', '--json'], { ...environment, KEDGE_KEYS: testBus.keysFolder('hooks') });
    assert.equal(await kedge.ended, 0);
    assert.equal(JSON.parse(kedge.out()).services[0].service, web);
  });

  it('tells a hook whose rights it would need', async () => {
    const kedge = startKedge(['--as', 'hooks', 'apply'], { ...environment, KEDGE_KEYS: testBus.keysFolder('hooks') });
    assert.equal(await kedge.ended, 1);
    assert.match(kedge.err(), /^error: the key of "hooks" may not ask config\.validate; "cli" may: .*\[NOT_PERMITTED\]\n$/);
  });
});
