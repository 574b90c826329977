import type { Bus } from '@kedge/shared/bus';
import type { ServiceName } from '@kedge/shared/contracts';

interface WakePorts {
  readonly bus: Bus;
  readonly wake: (service: ServiceName) => void;
  /** Looks at everything: what changed cannot be told from the event alone. */
  readonly resync: () => void;
}

/** Events that are a reason to look; what they say is not acted on. */
export function subscribeWakes({ bus, wake, resync }: WakePorts): void {
  bus.wake('config.changed', resync);
  bus.wake('image.updated', ({ data }) => data.services.forEach(wake));
  bus.wake('secret.rotated', ({ data }) => data.services.forEach(wake));
  bus.wake('routes.applied', ({ data }) => wake(data.service));
  bus.wake('target.drained', ({ data }) => wake(data.service));
}
