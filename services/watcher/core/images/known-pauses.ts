import { type ImageEntry, parseImageReference } from '@kedge/shared/contracts';
import { longestPauseMs } from './retry-after.ts';

/** How much longer registries want to be left alone, in milliseconds, by what was told of their images: by whomever, and before a restart. */
export function knownPauses(entries: Iterable<ImageEntry>, now: Date): ReadonlyMap<string, number> {
  const pauses = new Map<string, number>();
  for (const { reference, trouble } of entries) {
    // Longer than any pause that is granted: the clock was set back meanwhile.
    const ms = Math.min(Date.parse(trouble?.retryAt ?? '') - now.getTime(), longestPauseMs);
    if (!(ms > 0)) continue;
    const { registry } = parseImageReference(reference);
    pauses.set(registry, Math.max(pauses.get(registry) ?? 0, ms));
  }
  return pauses;
}
