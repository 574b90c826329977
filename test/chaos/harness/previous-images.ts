import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../e2e/harness/shell.ts';

/** Which commit counts as the one before: another may be named, for example the last release. */
const reference = process.env.KEDGE_TEST_PREVIOUS ?? 'HEAD~1';

/** The tag of the images that `buildPrevious` makes. */
export const previousTag = 'previous';

/** Builds the components of the commit before this one; resolves to its name, or to null where there is none (a shallow clone). */
export async function buildPrevious(): Promise<string | null> {
  const found = await run('git', ['rev-parse', '--verify', '--quiet', `${reference}^{commit}`], { accept: [0, 1, 128] });
  const commit = found.stdout.trim();
  if (commit === '') return null;
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
