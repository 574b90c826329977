import assert from 'node:assert/strict';
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { handOverDockerConfig } from './hand-over-docker-config.ts';

// Only root may give a folder away, and init is root.
describe('handOverDockerConfig', { skip: process.getuid?.() === 0 ? false : 'needs root' }, () => {
  let home = '';
  const at = (name: string) => join(home, name);
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'kedge-home-'));
    await mkdir(at('.docker'), { mode: 0o755 });
    await mkdir(at('project'));
    await chown(at('project'), 1234, 1235);
  });
  afterEach(async () => await rm(home, { recursive: true }));

  const handOver = async () => await handOverDockerConfig({ folder: at('.docker'), projectFolder: at('project') });
  async function ownerAndMode(): Promise<readonly number[]> {
    const { uid, gid, mode } = await stat(at('.docker'));
    return [uid, gid, mode & 0o777];
  }

  it('gives a folder that the engine made to the owner of the project, once', async () => {
    assert.equal(await handOver(), true);
    assert.deepEqual(await ownerAndMode(), [1234, 1235, 0o700]);
    assert.equal(await handOver(), false);
  });

  it('leaves alone one in which something is', async () => {
    await writeFile(at('.docker/config.json'), '{}');
    assert.equal(await handOver(), false);
    assert.deepEqual(await ownerAndMode(), [0, 0, 0o755]);
  });

  it("leaves alone one that is somebody's already", async () => {
    await chown(at('.docker'), 4321, 4321);
    assert.equal(await handOver(), false);
    assert.deepEqual(await ownerAndMode(), [4321, 4321, 0o755]);
  });

  it('leaves it to root where root runs the stack', async () => {
    await chown(at('project'), 0, 0);
    assert.equal(await handOver(), false);
  });
});
