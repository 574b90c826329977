import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { initialiseBus } from '@kedge/shared/bus/setup';
import { type HalfStack, startHalfStack } from './testing/half-stack.ts';
import { startKedge } from './testing/run-process.ts';
import { web } from './testing/samples.ts';

describe('kedge as a process, on a real bus', () => {
  let stack: HalfStack;
  before(async () => {
    stack = await startHalfStack();
  });
  after(async () => await stack.close());

  it('shows the status that the reconciler tells', async () => {
    const kedge = startKedge(['status'], stack.environment);
    assert.equal(await kedge.ended, 0);
    assert.match(kedge.out(), /^SERVICE {2}PHASE .*\nweb {6}serving {2}localhost:5000\/hello:1 {2}aaaaaaaaaaaa {2}2\/2 /);
    assert.equal(kedge.err(), '');
  });

  it('carries the error of a component to the person', async () => {
    const kedge = startKedge(['logs', 'wbe'], stack.environment);
    assert.equal(await kedge.ended, 1);
    assert.equal(kedge.err(), 'error: there is no service "wbe"; did you mean "web"? [SERVICE_UNKNOWN]\n');
  });

  it('has no code for what nobody foresaw, as everywhere, and one word for programs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-gone-'));
    // Started in a folder that is gone by then.
    const words = ['-c', 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, join(import.meta.dirname, 'main.ts'), 'status', '--json'];
    const { status, stdout, stderr } = spawnSync('sh', words, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^error: ENOENT: process\.cwd failed.*uv_cwd\n$/);
    assert.equal(JSON.parse(stdout).error.code, 'UNEXPECTED');
  });

  it('prints log lines as they are', async () => {
    const kedge = startKedge(['logs', 'web'], stack.environment);
    assert.equal(await kedge.ended, 0);
    assert.equal(kedge.out(), 'hello\nworld\n');
  });

  it('says what is missing when nobody listens there, within seconds', async () => {
    const kedge = startKedge(['status'], { ...stack.environment, KEDGE_BUS_URL: 'nats://127.0.0.1:1' });
    assert.equal(await kedge.ended, 2);
    assert.match(
      kedge.err(),
      /^error: the bus at nats:\/\/127.0.0.1:1 does not answer \(.*refused.*\); start the stack with "npm start".*\[BUS_UNAVAILABLE\]\n$/i,
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
      await cp(join(stack.testBus.keysFolder('cli'), 'cli.nk'), join(keys, 'cli.nk'));
      await writeFile(join(contexts, 'kedge-cli.json'), JSON.stringify({ url: stack.testBus.url }));
      const beside = { KEDGE_BUS_URL: 'nats://127.0.0.1:1', KEDGE_KEYS: folder };
      const kedge = startKedge(['--dev', 'status'], beside);
      assert.deepEqual([await kedge.ended, kedge.err()], [0, '']);
      assert.match(kedge.out(), /^web +serving /m);
      await writeFile(join(contexts, 'kedge-cli.json'), JSON.stringify({ url: 'nats://127.0.0.1:1' }));
      const ended = startKedge(['--dev', 'status'], beside);
      assert.equal(await ended.ended, 2);
      assert.match(ended.err(), /^error: there is no stack of "kedge dev" here that runs: .*:1 does not answer.*; "kedge dev" starts one/);
    } finally {
      await rm(folder, { recursive: true });
    }
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
        publicUrl: stack.testBus.url,
      });
      const kedge = startKedge(['status'], { ...stack.environment, KEDGE_KEYS: join(folder, '.kedge') });
      assert.equal(await kedge.ended, 2);
      assert.match(kedge.err(), /refuses the key .*cli\.nk: it belongs to another installation.*\[BUS_KEY_REFUSED\]/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('lets a hook ask with the rights of hooks', async () => {
    const kedge = startKedge(['--as', 'hooks', 'status', '--json'], {
      ...stack.environment,
      KEDGE_KEYS: stack.testBus.keysFolder('hooks'),
    });
    assert.equal(await kedge.ended, 0);
    assert.equal(JSON.parse(kedge.out()).services[0].service, web);
  });

  it('tells a hook whose rights it would need', async () => {
    const kedge = startKedge(['--as', 'hooks', 'apply'], { ...stack.environment, KEDGE_KEYS: stack.testBus.keysFolder('hooks') });
    assert.equal(await kedge.ended, 1);
    assert.match(kedge.err(), /^error: the key of "hooks" may not ask config\.validate; "cli" may: .*\[NOT_PERMITTED\]\n$/);
  });
});
