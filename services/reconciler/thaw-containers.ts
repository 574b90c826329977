import type { Bus } from '@kedge/shared/bus';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { ContainerEngine } from './ports.ts';

interface ThawPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'list' | 'thaw'>;
  readonly log: Logger;
}

/**
 * A container is frozen for the moment in which its name changes, and whoever acted before may have been killed in that moment. One with
 * a health check does not show it from outside, so the one who takes over lets every container go on. One that cannot be reached keeps
 * nobody from it: it is gone, or its next pass finds it.
 */
export async function thawContainers({ bus, engine, log }: ThawPorts): Promise<void> {
  for (const { id, name, kedge } of await engine.list(bus.node)) {
    if (kedge?.node !== bus.node) continue;
    try {
      await engine.thaw(id);
    } catch (thrown) {
      log.warn({ container: name, reason: errorMessage(thrown) }, 'a container could not be let go on');
    }
  }
}
