import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { recordingLog } from '@kedge/shared/testing';
import { createDockerConfigFile } from './docker-config-file.ts';

describe('the docker config file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-docker-config-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it('is read afresh each time, with only the fields that matter', async () => {
    const { log } = recordingLog();
    const source = createDockerConfigFile({ folder, log });
    assert.equal(await source.read(), null);
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { a: { auth: 'x', email: 'y' } }, HttpHeaders: {} }));
    assert.deepEqual(await source.read(), { auths: { a: { auth: 'x' } } });
    await writeFile(join(folder, 'config.json'), '{}');
    assert.deepEqual(await source.read(), {});
  });

  for (const broken of [
    '{"auths": {"a": {"auth": "c4nary"',
    '"c4nary"',
    '{"auths": {"a": {"auth": ["c4nary"]}}}',
    '{"credsStore": {"c4nary": 1}}',
  ]) {
    it(`says that ${JSON.stringify(broken)} is not valid, without quoting it`, async () => {
      const { log, lines } = recordingLog();
      await writeFile(join(folder, 'config.json'), broken);
      assert.equal(await createDockerConfigFile({ folder, log }).read(), null);
      assert.equal(lines.length, 1);
      assert.match(lines.join(''), /not valid/);
      assert.ok(!lines.join('').includes('c4nary'));
    });
  }
});
