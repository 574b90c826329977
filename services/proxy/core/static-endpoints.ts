import {
  type EndpointsEntry,
  NodeName,
  ReleaseName,
  type Revision,
  type ServiceName,
  splitRoutes,
  type Target,
} from '@kedge/shared/contracts';
import type { ObservedEndpoints } from './adopt-endpoints.ts';

/** What a file says of one place where requests or connections come from. */
interface StaticService {
  readonly name: ServiceName;
  readonly targets: readonly Pick<Target, 'address' | 'port'>[];
  readonly routes: Parameters<typeof splitRoutes>[0];
  readonly balancing: EndpointsEntry['balancing'] | null;
  readonly ports: Readonly<NonNullable<EndpointsEntry['ports']>>;
}

type Entries = ObservedEndpoints['services'];

/** Targets that a file names no more, each with when that was seen first. */
export type LeftAt = ReadonlyMap<Target, number>;

interface Reading {
  readonly services: readonly StaticService[];
  /** What the last reading led to. */
  readonly before: Entries;
  readonly leftAt: LeftAt;
  readonly nowMs: number;
  /** How long a target drains that is named no more. */
  readonly drainMs: number;
}

/** Nothing of it is ever compared with what a store says. */
export const staticEpoch = 'file';
const revision: Revision = `${staticEpoch}.1`;
const node = NodeName.parse('local');
const release = ReleaseName.parse(`v1:${'0'.repeat(64)}`);

/** The endpoints that a file leads to: those that it names, and for a while those that it named before, to finish what they have. */
export function staticEndpoints({ services, before, leftAt, nowMs, drainMs }: Reading): {
  readonly entries: Entries;
  readonly leftAt: LeftAt;
} {
  const left = new Map<Target, number>();
  const draining = (service: ServiceName, named: ReadonlySet<string>) =>
    (before.get(service)?.entry.targets ?? []).flatMap((target): Target[] => {
      if (named.has(target.id)) return [];
      const since = target.state === 'draining' ? (leftAt.get(target) ?? nowMs) : nowMs;
      if (nowMs - since >= drainMs) return [];
      const leaving: Target = target.state === 'draining' ? target : { ...target, state: 'draining' };
      left.set(leaving, since);
      return [leaving];
    });
  const entries = new Map<ServiceName, { readonly entry: EndpointsEntry; readonly revision: Revision }>();
  for (const { name, targets, routes, balancing, ports } of services) {
    const ready = targets.map(readyTarget);
    const all = [...ready, ...draining(name, new Set(ready.map(({ id }) => id)))];
    const entry = { node, service: name, ...splitRoutes(routes), ...(balancing && { balancing }), ports: [...ports], targets: all };
    entries.set(name, { entry, revision });
  }
  for (const [name] of before) {
    const targets = entries.has(name) ? [] : draining(name, new Set());
    if (targets.length > 0) entries.set(name, { entry: { node, service: name, routes: [], targets }, revision });
  }
  return { entries, leftAt: left };
}

/** Its name is where it is. */
function readyTarget({ address, port }: Pick<Target, 'address' | 'port'>): Target {
  if (address.startsWith('unix:')) return { id: address, address, port, release, state: 'ready' };
  return { id: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`, address, port, release, state: 'ready' };
}
