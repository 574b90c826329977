import type { NodeName, ServiceName } from '@kedge/shared/contracts';
import type { Closable } from '@kedge/shared/kernel';
import type { ContainerEngine, EngineEvent } from '../ports.ts';

interface EngineEventPorts {
  /** Containers of another one on the same engine are nothing to us. */
  readonly node: NodeName;
  readonly engine: ContainerEngine;
  readonly wake: (service: ServiceName) => void;
  readonly resync: () => void;
  /** A container ended: worth telling people, beside being a reason to look. */
  readonly onDeath: (event: EngineEvent & { readonly service: ServiceName }) => void;
}

/** What happens in the engine is a reason to look; missed events are covered by a look at everything. */
export function followEngine({ node, engine, wake, resync, onDeath }: EngineEventPorts): Closable {
  return engine.follow({
    onEvent(event) {
      const { service, action } = event;
      if (service === null || (event.node !== null && event.node !== node)) return;
      if (action === 'die') onDeath({ ...event, service });
      wake(service);
    },
    onResync: resync,
  });
}
