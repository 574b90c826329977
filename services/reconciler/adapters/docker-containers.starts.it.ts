import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { type EngineWorkbench, openWorkbench, present, serviceOf } from './testing/engine-workbench.ts';

describe('starts and ends of containers on a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('starts a container by its name, and nothing by a name that it has no more', async () => {
    const { engine, docker, plan, ours } = bench;
    const job = await engine.create(plan('once', 32, { entrypoint: ['node', '-e', ''] }));
    const [taken, later] = [`${job.name}.20260101T030000000Z.one`, `${job.name}.20260101T030000000Z.other`];
    await engine.rename(job.id, taken);
    const network = { name: bench.network.name, address: job.address ?? '', aliases: [serviceOf(bench.run)] };
    await engine.setAliases(job.id, network);
    await engine.start(taken);
    await engine.waitForExit(job.id, AbortSignal.timeout(10_000));
    const ended = present(await engine.inspect(job.id));
    assert.deepEqual([ended.state, ended.exitCode, ended.hasAlias], ['exited', 0, true]);

    await engine.rename(job.id, later);
    await assert.rejects(engine.start(taken), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    const { State } = await docker.getContainer(job.id).inspect();
    assert.equal(new Date(State.StartedAt).toISOString(), ended.startedAt?.toISOString(), 'nothing was started');
    await engine.remove(job.id, ours);
  });

  it('tells the refusals that another pass mends from those that it cannot', async () => {
    const { engine, plan, ours } = bench;
    const gone = 'f'.repeat(64);
    await assert.rejects(engine.create(plan('none', 27, { image: 'kedge-no-such-image:1' })), {
      name: 'RetryableError',
      code: 'IMAGE_MISSING',
    });
    await assert.rejects(engine.start(gone), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    await assert.rejects(engine.rename(gone, 'x'), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    await assert.rejects(engine.logs(gone, { lines: 1 }), { name: 'RetryableError', code: 'CONTAINER_GONE' });

    const twin = await engine.create(plan('twin', 9));
    await assert.rejects(engine.start(twin.id), { name: 'RetryableError', code: 'ADDRESS_TAKEN' });
    await engine.remove(twin.id, ours);
  });

  const unstartable = [
    ['there is no such program', { entrypoint: ['/no/such/program'] }, 127, /no such file/],
    ['there is no such program on the path', { entrypoint: ['nosuchprogram'] }, 127, /executable file not found/],
    ['the program may not be run', { entrypoint: ['/etc/passwd'] }, 126, /permission denied/],
    ['there is no such user', { user: 'nosuchuser' }, 128, /unable to find user nosuchuser/],
  ] as const;
  for (const [why, changes, exitCode, message] of unstartable) {
    it(`says that a container can never start when ${why}, as often as it is asked`, async () => {
      const { engine, plan, ours } = bench;
      const wrong = await engine.create(plan('wrong', 28, changes));
      for (let time = 0; time < 2; time += 1) {
        const refused = { name: 'TerminalError', code: 'START_REFUSED', message };
        await assert.rejects(engine.start(wrong.id), refused);
      }
      const { state, exitCode: left } = present(await engine.inspect(wrong.id));
      assert.deepEqual([state, left], ['created', exitCode]);
      await engine.remove(wrong.id, ours);
    });
  }

  it('waits for the end of a job and tells its code, also when it ended before', async () => {
    const { engine, plan, ours } = bench;
    const job = await engine.create(plan('job', 30, { entrypoint: ['node', '-e', 'setTimeout(() => process.exit(7), 300)'] }));
    await engine.start(job.id);
    assert.deepEqual(await engine.waitForExit(job.id, AbortSignal.timeout(10_000)), { exitCode: 7 });
    assert.deepEqual(await engine.waitForExit(job.id, AbortSignal.timeout(10_000)), { exitCode: 7 });
    await engine.remove(job.id, ours);
  });

  it('stops waiting when it is told to', async () => {
    const { engine } = bench;
    const endless = present(await engine.inspect(`lookout-${bench.run}`));
    const stop = new AbortController();
    const waiting = engine.waitForExit(endless.id, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    assert.equal((await engine.inspect(endless.id))?.state, 'running');
  });

  it('has nothing to wait for where there is no container', async () => {
    await assert.rejects(bench.engine.waitForExit('f'.repeat(64), AbortSignal.timeout(5_000)), {
      name: 'RetryableError',
      code: 'CONTAINER_GONE',
    });
  });

  it('sees health, restarts and death as the engine does', async () => {
    const { engine, docker, plan, run, ours } = bench;
    const crashing = await engine.create(plan('crash', 31, { restart: 'on-failure', entrypoint: ['node', '-e', 'process.exit(3)'] }));
    await engine.start(crashing.id);
    const restarted = await waitUntil(async () => {
      const seen = await engine.inspect(crashing.id);
      return seen && seen.restartCount > 0 ? seen : null;
    });
    assert.equal(restarted.health, 'none');
    await engine.stop(crashing.id, 0);
    await engine.remove(crashing.id, ours);

    const check = { Test: ['CMD', 'node', '-e', ''], Interval: 100_000_000, Timeout: 5_000_000_000, Retries: 3 };
    const checked = await docker.createContainer({
      Image: 'node:26-trixie-slim',
      Entrypoint: ['sleep', '60'],
      Labels: { 'kedge.test': run },
      Healthcheck: check,
    });
    await checked.start();
    await waitUntil(async () => (await engine.inspect(checked.id))?.health === 'healthy', { timeoutMs: 20_000 });
    await checked.remove({ force: true });
  });
});
