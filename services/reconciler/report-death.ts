import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { lastWordCount, lastWords } from './core/last-words.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface DeathPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly log: Logger;
  /** Containers that we stop ourselves at this moment. */
  readonly isLeaving: (container: string) => boolean;
}

/** Says `container.died` when a container of the serving release ended that nobody wanted to end. */
export function createDeathReporter({
  bus,
  stores,
  engine,
  log,
  isLeaving,
}: DeathPorts): (death: { readonly container: string; readonly service: ServiceName }) => Promise<void> {
  return async function report({ container, service }) {
    try {
      if (isLeaving(container)) return;
      const key = serviceKey(bus.node, service);
      const [observed, record, declared] = await Promise.all([
        engine.inspect(container),
        stores.releases.get(key),
        stores.services.get(key),
      ]);
      const release = observed?.kedge?.release;
      if (!observed?.kedge || observed.kedge.node !== bus.node || record?.value.serving?.release !== release) return;
      if (endsAsItShould(declared?.value.spec ?? null, observed.exitCode)) return;
      const lines = await engine.logs(
        container,
        observed.startedAt ? { lines: lastWordCount, since: observed.startedAt } : { lines: lastWordCount },
      );
      // The same death is told once, however many reconcilers and events there are.
      const moment = (observed.finishedAt ?? observed.createdAt).getTime();
      const id = `container.died/${key}/${container.slice(0, 12)}-${moment}`;
      await bus.publish(
        'container.died',
        { container, ...(release ? { release } : {}), exitCode: observed.exitCode, lastLines: lastWords(lines) },
        { service, id },
      );
    } catch (thrown) {
      log.warn({ service, container, reason: errorMessage(thrown) }, 'the end of a container could not be reported');
    }
  };
}

/** Jobs end, and so does what runs once and ends well. */
function endsAsItShould(spec: ServiceSpec | null, exitCode: number | null): boolean {
  if (spec?.dispenser.cron !== undefined) return true;
  const policy = spec?.service.restart ?? 'no';
  return exitCode === 0 && (policy === 'no' || policy === 'on-failure');
}
