import { type ConfigManifest, manifestKey, type NodeName, type ServiceEntry, ServiceName, serviceKey } from '@kedge/shared/contracts';

/** What one node declares. */
export interface NodeDeclaration {
  readonly manifest: ConfigManifest;
  /** By name, of services that the manifest names. One that is being written is as it was before, or missing. */
  readonly specs: ReadonlyMap<string, ServiceEntry>;
}

/** The declarations of all nodes, from everything in KV `services`. A node without a manifest declares nothing. */
export function sortDeclarations(
  stored: ReadonlyMap<string, { readonly value: ServiceEntry | ConfigManifest }>,
): ReadonlyMap<NodeName, NodeDeclaration> {
  const values = [...stored].map(([key, { value }]) => ({ key, value }));
  const specs = Map.groupBy(
    // A spec that waits has a key of its own, and is not declared yet.
    values.flatMap(({ key, value }) => ('spec' in value && key === serviceKey(value.node, value.spec.service.name) ? [value] : [])),
    ({ node }) => node,
  );
  const manifests = values.flatMap(({ key, value }) => ('spec' in value || key !== manifestKey(value.node) ? [] : [value]));
  return new Map(
    manifests.map((manifest) => {
      const own = (specs.get(manifest.node) ?? []).map((entry) => [entry.spec.service.name, entry] as const);
      return [manifest.node, declarationOf(manifest, new Map(own))];
    }),
  );
}

/** What a manifest declares, with the specs that it names of those that are known. */
export function declarationOf(manifest: ConfigManifest, specs: NodeDeclaration['specs']): NodeDeclaration {
  return { manifest, specs: new Map([...specs].filter(([name]) => Object.hasOwn(manifest.services, name))) };
}

/** Services whose spec is not known as the manifest names it: these are to be read. */
export function staleNames(manifest: ConfigManifest, specs: NodeDeclaration['specs']): ServiceName[] {
  return Object.entries(manifest.services).flatMap(([name, hash]) => (specs.get(name)?.hash === hash ? [] : [ServiceName.parse(name)]));
}
