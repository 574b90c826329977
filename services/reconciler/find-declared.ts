import type { Bus } from '@kedge/shared/bus';
import { manifestKey, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import type { Stores } from './stores.ts';

/** What the configuration says about a service now. */
export type Declared =
  | { readonly kind: 'declared'; readonly spec: ServiceSpec }
  /** The manifest is there and does not name it. */
  | { readonly kind: 'undeclared' }
  /** It is being written, or cannot be read: nobody knows yet. */
  | { readonly kind: 'unsettled'; readonly reason: string };

export type FindDeclared = (service: ServiceName) => Promise<Declared>;

/** The watcher writes specs before the manifest that names them; what does not fit together is neither declared nor undeclared. */
export function createDeclaredFinder({ bus, stores }: { readonly bus: Bus; readonly stores: Stores }): FindDeclared {
  return async function find(service) {
    const [manifest, entry] = await Promise.all([
      stores.manifests.get(manifestKey(bus.node)),
      stores.services.get(serviceKey(bus.node, service)),
    ]);
    if (!manifest) return { kind: 'unsettled', reason: 'there is no configuration yet' };
    const hash = manifest.value.services[service];
    if (hash === undefined) return { kind: 'undeclared' };
    if (entry?.value.hash !== hash) return { kind: 'unsettled', reason: `the configuration of ${service} is being written` };
    return { kind: 'declared', spec: entry.value.spec };
  };
}
