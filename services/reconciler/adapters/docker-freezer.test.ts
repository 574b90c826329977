import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import type { DockerApi } from './docker-api.ts';
import { thaw, thawOwed, whileFrozen } from './docker-freezer.ts';
import type { InspectedContainer } from './docker-inspected.ts';

const id = 'c1'.repeat(32);

describe('freezing a container', () => {
  let state: 'running' | 'paused' | 'stopped by a signal';
  /** What the next calls are answered with, by the end of their path or their signal; empty: all is well. */
  let failures: Record<string, Error[]>;
  let isCovered: boolean;
  const inspected = () => ({
    Id: id,
    Name: '/web',
    Image: 'sha256:1',
    Created: '2026-01-01T00:00:00Z',
    RestartCount: 0,
    State: {
      Status: state === 'paused' ? 'paused' : 'running',
      ExitCode: 0,
      StartedAt: '2026-01-01T00:00:00Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...(isCovered ? { Health: { Status: 'healthy' } } : {}),
    },
    Config: { Image: 'app', Labels: {} },
    HostConfig: { NetworkMode: 'kedge', RestartPolicy: { Name: 'always' } },
    NetworkSettings: { Networks: {} },
  });
  const api: DockerApi = {
    async send({ path, query }, schema) {
      const act = path.endsWith('/json') ? 'json' : String(query?.signal ?? path.split('/').at(-1));
      const failure = failures[act]?.shift();
      if (failure) throw failure;
      if (act === 'SIGSTOP') state = 'stopped by a signal';
      if (act === 'pause') state = 'paused';
      if (act === 'SIGCONT' || act === 'unpause') state = 'running';
      return schema.parse(act === 'json' ? inspected() : null);
    },
    read: () => Promise.reject(new Error('nobody reads here')),
    open: () => Promise.reject(new Error('nobody follows here')),
  };
  const container = (): InspectedContainer => JSON.parse(JSON.stringify(inspected()));
  const refused = (status: number) => new RetryableError('ENGINE_ERROR', `answered ${status}`, { details: { status } });
  const silent = () => new RetryableError('ENGINE_UNREACHABLE', 'no answer within 10 s');
  const work = async () => undefined;

  beforeEach(() => {
    state = 'running';
    failures = {};
    isCovered = true;
  });

  for (const way of ['by a signal where it has a health check', 'by a pause where it has none']) {
    it(`${way}, for as long as the work takes`, async () => {
      isCovered = way.includes('signal');
      await whileFrozen(api, {
        container: container(),
        work: async () => assert.equal(state, isCovered ? 'stopped by a signal' : 'paused'),
      });
      assert.equal(state, 'running');
    });

    for (const failure of [silent, () => refused(500)]) {
      it(`${way}, and let go on later when that failed: ${failure().message}`, async () => {
        isCovered = way.includes('signal');
        failures = { SIGCONT: [failure(), failure()], unpause: [failure(), failure()] };
        await assert.rejects(whileFrozen(api, { container: container(), work }), { name: 'RetryableError' });
        assert.notEqual(state, 'running');
        await thawOwed(api);
        assert.notEqual(state, 'running', 'it failed once more, and is owed still');
        await thawOwed(api);
        assert.equal(state, 'running');
        failures = { SIGCONT: [silent()], unpause: [silent()] };
        await thawOwed(api);
        assert.equal(failures.SIGCONT?.length, 1, 'it is owed no more');
      });
    }
  }

  it('takes the word of the engine that nothing was paused', async () => {
    isCovered = false;
    state = 'paused';
    const seen = container();
    state = 'running';
    failures = { unpause: [refused(500)] };
    await thaw(api, seen);
    assert.equal(state, 'running');
  });

  it('is done without where it cannot be frozen', async () => {
    failures = { SIGSTOP: [refused(500)] };
    let isDone = false;
    await whileFrozen(api, {
      container: container(),
      async work() {
        isDone = true;
      },
    });
    assert.ok(isDone);
  });
});
