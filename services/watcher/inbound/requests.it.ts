import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DataOf } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { serveRequests } from './requests.ts';

describe('what the watcher is asked', () => {
  let testBus: TestBus;
  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus?.close());

  it('reaches the loop that knows, and what that refuses reaches whoever asked', async () => {
    const [watcher, cli] = await Promise.all([testBus.connect('watcher'), testBus.connect('cli')]);
    const asked: DataOf<'config.validate'>[] = [];
    const idle = { wake: () => undefined, close: async () => undefined };
    serveRequests(watcher, {
      configuration: {
        ...idle,
        async validate(request) {
          asked.push(request);
          return { ok: true, problems: [], services: [], revision: 'r' };
        },
      },
      registry: {
        ...idle,
        resync: () => undefined,
        async check() {
          throw new TerminalError('IMAGE_NOT_DECLARED', 'no');
        },
      },
    });
    // Until the server knows of it, there is nobody to answer.
    const reply = await waitUntil(async () => await cli.request('config.validate', { reload: true }).catch(() => null));
    assert.deepEqual([reply.revision, asked], ['r', [{ reload: true }]]);
    await assert.rejects(cli.request('watcher.check', {}), { code: 'IMAGE_NOT_DECLARED', message: 'no' });
  });
});
