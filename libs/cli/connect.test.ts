import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
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
      const config = CliConfig.parse({ KEDGE_KEYS: keys, KEDGE_NODE: node });
      const thrown: unknown = await connectCli({ identity: 'cli', config, folder: keys }).catch((error: unknown) => error);
      assert.equal(errorCode(thrown), 'BUS_KEY_MISSING');
      assert.match(errorMessage(thrown), told);
    });
  }
});
