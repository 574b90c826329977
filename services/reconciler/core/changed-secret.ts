import type { ConfigManifest, ServiceName } from '@kedge/shared/contracts';

/**
 * Why a value that another configuration on disk has changed does not come into force by itself, and what to do; null when nothing keeps it
 * from that. Told after the words of the secrets component, which does not know.
 */
export function changedSecretReason(service: ServiceName, { held, rejected }: Pick<ConfigManifest, 'held' | 'rejected'>): string | null {
  const meanwhile = `until then no new container of ${service} can be made, and what it has runs on and is restarted as it is`;
  const [problem] = rejected?.problems ?? [];
  if (problem) {
    const where = `${problem.file}:${problem.line}: ${problem.message}`;
    return `that configuration is refused (${where}): correct it ("kedge validate" shows everything), or put the file back; ${meanwhile}`;
  }
  if (!held) return null;
  return `that configuration is held, because it would remove ${held.removes.join(', ')}: "kedge apply" shows it and asks; or put the file back; ${meanwhile}`;
}
