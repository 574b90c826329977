import type { WritableMount } from '../ports.ts';

interface StillWritten {
  /** What a container may write to that is to be started. */
  readonly sources: readonly string[];
  /** What running containers may write to. */
  readonly held: readonly WritableMount[];
  readonly node: string;
  /** The services that are declared, by name. */
  readonly declared: Readonly<Record<string, unknown>>;
}

/**
 * Why a container would write to a place that a service which is leaving still writes to; null when there is none. Two services that are
 * both declared, and containers that Kedge did not make, may share a place: their owner wishes so.
 */
export function stillWritten({ sources, held, node, declared }: StillWritten): string | null {
  for (const { source, name, owner } of held) {
    if (!sources.includes(source) || owner?.node !== node || Object.hasOwn(declared, owner.service)) continue;
    return (
      `container ${name} of ${owner.service}, which is declared no more, still writes to ${source}; ` +
      `it is started when that has stopped (docker stop ${name} hurries it)`
    );
  }
  return null;
}
