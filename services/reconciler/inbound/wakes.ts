import type { Bus } from '@kedge/shared/bus';
import type { CloudEvent, ServiceName } from '@kedge/shared/contracts';

interface WakePorts {
  readonly bus: Pick<Bus, 'wake' | 'node'>;
  readonly wake: (service: ServiceName) => void;
  /** Told before the wake, so that what is done because of an event can name it. */
  readonly because: (service: ServiceName, event: string) => void;
  /** Looks at everything: what changed cannot be told from the event alone. */
  readonly resync: () => void;
}

/** Events that are a reason to look; what they say is not acted on. */
export function subscribeWakes({ bus, wake, because, resync }: WakePorts): void {
  const news = ({ id, kedgenode, data }: CloudEvent<{ readonly services: readonly ServiceName[] }>) => {
    for (const service of data.services) {
      // A service of the same name on another node is a reason to look, and not why something is done here.
      if (kedgenode === bus.node) because(service, id);
      wake(service);
    }
  };
  bus.wake('config.changed', resync);
  bus.wake('image.updated', news);
  bus.wake('secret.rotated', news);
  bus.wake('routes.applied', ({ data }) => wake(data.service));
  bus.wake('target.drained', ({ data }) => wake(data.service));
}
