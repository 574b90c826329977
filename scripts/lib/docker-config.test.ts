import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = `${import.meta.dirname}/../..`;

describe("Docker's folder", () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'kedge-home-'));
  });
  afterEach(async () => await rm(home, { recursive: true }));

  async function make(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const script = 'root=$PWD; source scripts/lib/step.sh; source scripts/lib/docker-config.sh; make_docker_config';
    await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env: { PATH: process.env.PATH, HOME: home, ...settings } });
  }
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('is made for its user alone, before the engine would make it for root', async () => {
    await make();
    assert.equal(await modeOf(join(home, '.docker')), 0o700);
  });

  it('is the one that KEDGE_DOCKER_CONFIG names', async () => {
    await make({ KEDGE_DOCKER_CONFIG: join(home, 'a/b') });
    assert.equal(await modeOf(join(home, 'a/b')), 0o700);
    await assert.rejects(stat(join(home, '.docker')), { code: 'ENOENT' });
  });

  it('is left as it is when it is there', async () => {
    await make();
    await chmod(join(home, '.docker'), 0o755);
    await make();
    assert.equal(await modeOf(join(home, '.docker')), 0o755);
  });

  it('says what to do when it cannot be made', async () => {
    await writeFile(join(home, 'file'), '');
    await assert.rejects(make({ KEDGE_DOCKER_CONFIG: join(home, 'file/x') }), ({ stderr }: { stderr: string }) =>
      /file\/x cannot be made\n.*KEDGE_DOCKER_CONFIG/.test(stderr),
    );
  });
});
