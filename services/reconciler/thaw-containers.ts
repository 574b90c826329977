import type { Bus } from '@kedge/shared/bus';
import type { ContainerEngine } from './ports.ts';

/**
 * A container is frozen for the moment in which its name changes, and whoever acted before may have been killed in that moment. One with
 * a health check does not show it from outside, so the one who takes over lets every container go on.
 */
export async function thawContainers({ bus, engine }: { readonly bus: Bus; readonly engine: ContainerEngine }): Promise<void> {
  for (const { id, kedge } of await engine.list(bus.node, [])) if (kedge?.node === bus.node) await engine.thaw(id);
}
