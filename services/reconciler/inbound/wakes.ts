import type { Bus } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';

interface WakePorts {
  readonly bus: Pick<Bus, 'wake'>;
  readonly wake: (service: ServiceName) => void;
  /** Told before the wake, so that what is done because of an event can name it. */
  readonly because: (service: ServiceName, event: string) => void;
  /** Looks at everything: what changed cannot be told from the event alone. */
  readonly resync: () => void;
}

/** Events that are a reason to look; what they say is not acted on. */
export function subscribeWakes({ bus, wake, because, resync }: WakePorts): void {
  const news = (services: readonly ServiceName[], event: string) => {
    for (const service of services) {
      because(service, event);
      wake(service);
    }
  };
  bus.wake('config.changed', resync);
  bus.wake('image.updated', ({ id, data }) => news(data.services, id));
  bus.wake('secret.rotated', ({ id, data }) => news(data.services, id));
  bus.wake('routes.applied', ({ data }) => wake(data.service));
  bus.wake('target.drained', ({ data }) => wake(data.service));
}
