import type { DataOf } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';

/** `added api; changed web; removed old`; what changed without touching a service is told as such. */
export function describeChange({ added, changed, removed }: Pick<DataOf<'config.changed'>, 'added' | 'changed' | 'removed'>): string {
  const parts = Object.entries({ removed, changed, added }).filter(([, services]) => services.length > 0);
  return parts.map(([what, services]) => `${what} ${nameList(services)}`).join('; ') || 'settings that belong to no service';
}
