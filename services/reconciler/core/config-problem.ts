import type { ConfigManifest } from '@kedge/shared/contracts';

/** Why the newest configuration is not in force, in a sentence; null when it is. */
export function configProblem(manifest: Pick<ConfigManifest, 'rejected' | 'held'> | null): string | null {
  if (!manifest) return 'no configuration has been read yet';
  const first = manifest.rejected?.problems[0];
  if (first) return `the newest configuration is not in force: ${first.file}:${first.line}: ${first.message}`;
  if (manifest.held) return `a configuration waits for "kedge apply --yes": it would remove ${manifest.held.removes.join(', ')}`;
  return null;
}
