import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { guardRegistry } from './guarded-registry.ts';

describe('a guarded registry', () => {
  async function guard(test: TestContext) {
    const behind = createServer((request, response) => {
      response.setHeader('docker-content-digest', 'sha256:1');
      response.end(`${request.method} ${request.url} ${request.headers.authorization ?? 'nobody'}`);
    });
    await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
    const guarded = await guardRegistry({ registryPort: (behind.address() as AddressInfo).port, username: 'ann', password: 'pass:word' });
    test.after(() => {
      guarded.close();
      behind.close();
      behind.closeAllConnections();
    });
    const ask = async (who?: string) =>
      await fetch(`http://127.0.0.1:${guarded.port}/v2/app/manifests/latest`, {
        headers: who === undefined ? {} : { authorization: `Basic ${Buffer.from(who).toString('base64')}` },
      });
    return { guarded, ask };
  }

  it('turns away whoever does not say who they are, or is somebody else', async (test) => {
    const { guarded, ask } = await guard(test);
    for (const who of [undefined, 'ann:wrong', 'bob:pass:word']) {
      const answer = await ask(who);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="guarded"');
    }
    assert.deepEqual(guarded.count, { refused: 3, admitted: 0 });
  });

  it('is the registry behind it for the others, which learns nothing of them', async (test) => {
    const { guarded, ask } = await guard(test);
    const answer = await ask('ann:pass:word');
    assert.equal(answer.headers.get('docker-content-digest'), 'sha256:1');
    assert.equal(await answer.text(), 'GET /v2/app/manifests/latest nobody');
    assert.deepEqual(guarded.count, { refused: 0, admitted: 1 });
  });
});
