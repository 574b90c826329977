import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { errorCode, errorMessage } from '@kedge/shared/kernel';
import { CliConfig, devNode } from './config.ts';
import { connectCli } from './connect.ts';

describe('connectCli', () => {
  let keys: string;
  before(async () => {
    keys = await mkdtemp(join(tmpdir(), 'kedge-cli-'));
  });
  after(async () => await rm(keys, { recursive: true }));

  for (const [node, told] of [
    [devNode, /^there is no stack of "kedge dev" here \(there is no key .*cli\.nk\); "kedge dev" starts one, and without --dev /],
    ['local', /^the key .*cli\.nk cannot be read; the stack writes it when it is started with "npm start" or "docker compose up -d"/],
  ] as const) {
    it(`says how the stack of node ${node} is started, where it never was`, async () => {
      const thrown = await refused(keys, node);
      assert.equal(errorCode(thrown), 'BUS_KEY_MISSING');
      assert.match(errorMessage(thrown), told);
    });
  }

  it('does not say that there is no stack of "kedge dev" where its key is there and cannot be read', async () => {
    const locked = join(keys, 'locked');
    await mkdir(locked);
    // As unreadable for root as a folder of somebody else is for others.
    await symlink('cli.nk', join(locked, 'cli.nk'));
    const thrown = await refused(locked, devNode);
    assert.equal(errorCode(thrown), 'BUS_KEY_MISSING');
    assert.match(errorMessage(thrown), /^the key .*locked\/cli\.nk cannot be read; .* with "kedge dev", .*run kedge as that user/);
  });
});

async function refused(keys: string, node: string): Promise<unknown> {
  const config = CliConfig.parse({ KEDGE_KEYS: keys, KEDGE_NODE: node });
  return await connectCli({ identity: 'cli', config, folder: keys }).catch((error: unknown) => error);
}
