import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../e2e/harness/shell.ts';

/** What a component is made from. */
const sources = ['services', 'libs', 'docker-compose.yml'];

/** The tag of the images that `buildPrevious` makes. */
export const previousTag = 'previous';

/** Builds the components as they were before they last changed; resolves to the commit, or to null where there is none (a shallow clone). */
export async function buildPrevious(): Promise<string | null> {
  const commit = await previousCommit();
  if (commit === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'kedge-previous-'));
  try {
    await run('git', ['archive', '--output', join(folder, 'source.tar'), commit]);
    await run('tar', ['-xf', join(folder, 'source.tar'), '-C', folder]);
    await run('docker', ['compose', '-f', join(folder, 'docker-compose.yml'), 'build', '-q'], { env: { KEDGE_TAG: previousTag } });
    return commit.slice(0, 12);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another one may be named in the environment, for example the last release. */
async function previousCommit(): Promise<string | null> {
  const named = process.env.KEDGE_TEST_PREVIOUS;
  if (named !== undefined) return named;
  const { stdout } = await run('git', ['log', '--format=%H', '--max-count=2', '--', ...sources]);
  return stdout.trim().split('\n')[1] ?? null;
}
