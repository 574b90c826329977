import type { ServiceName } from '@kedge/shared/contracts';

interface Dependent {
  readonly name: ServiceName;
  readonly spec: { readonly depends_on?: Readonly<Record<string, unknown>> | undefined };
}

/** The services in the order in which one after the other may start: what others depend on goes first; otherwise as they were. */
export function handOverOrder(services: readonly Dependent[]): ServiceName[] {
  const byName = new Map<string, Dependent>(services.map((service) => [service.name, service]));
  const ordered: ServiceName[] = [];
  const visited = new Set<string>();
  for (const service of services) visit(service);
  return ordered;

  function visit({ name, spec }: Dependent): void {
    if (visited.has(name)) return;
    visited.add(name);
    for (const dependency of Object.keys(spec.depends_on ?? {})) {
      const found = byName.get(dependency);
      if (found) visit(found);
    }
    ordered.push(name);
  }
}
