import type { Bus } from '@kedge/shared/bus';
import { manifestKey, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { downReason } from './core/down-reason.ts';
import type { NodeState } from './node-state.ts';
import type { Stores } from './stores.ts';

/** What the configuration says about a service now. */
export type Declared =
  | { readonly kind: 'declared'; readonly spec: ServiceSpec }
  /** The manifest is there and does not name it. */
  | { readonly kind: 'undeclared' }
  /** It is declared, and everything is down. */
  | { readonly kind: 'down'; readonly reason: string }
  /** It is being written, or cannot be read: nobody knows yet. */
  | { readonly kind: 'unsettled'; readonly reason: string };

interface DeclaredPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly nodeState: Pick<NodeState, 'down'>;
}

/** Reads afresh each time. Rejects only when the store cannot be asked. */
export type FindDeclared = (service: ServiceName) => Promise<Declared>;

/** The watcher writes specs before the manifest that names them; what does not fit together is neither declared nor undeclared. */
export function createDeclaredFinder({ bus, stores, nodeState }: DeclaredPorts): FindDeclared {
  return async function find(service) {
    const [manifest, entry, down] = await Promise.all([
      stores.manifests.get(manifestKey(bus.node)),
      stores.services.get(serviceKey(bus.node, service)),
      nodeState.down(),
    ]);
    if (!manifest) return { kind: 'unsettled', reason: 'there is no configuration yet' };
    const hash = manifest.value.services[service];
    if (hash === undefined) return { kind: 'undeclared' };
    if (entry?.value.hash !== hash) return { kind: 'unsettled', reason: `the configuration of ${service} is being written` };
    if (down) return { kind: 'down', reason: downReason(down) };
    return { kind: 'declared', spec: entry.value.spec };
  };
}
