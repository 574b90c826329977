import type { ConfigManifest, ImageReference, NodeName, ServiceEntry, ServiceName } from '@kedge/shared/contracts';

/** An image that some service declares. */
export interface DeclaredImage {
  readonly reference: ImageReference;
  /** Some service wants to follow it. */
  readonly watched: boolean;
  /** Something is expected of its registry: some service follows it, or wants the newest for each start. Else the engine's own will do. */
  readonly expected: boolean;
  /** Seconds between two looks: the smallest of the nodes that declare it. */
  readonly delay: number;
  /** The services of our own node that declare it. */
  readonly services: readonly ServiceName[];
}

/** Each distinct image of all nodes, from everything in KV `services`. */
export function declaredImages(stored: Iterable<ServiceEntry | ConfigManifest>, own: NodeName): ReadonlyMap<ImageReference, DeclaredImage> {
  const values = [...stored];
  const delays = new Map(values.flatMap((value) => ('spec' in value ? [] : [[value.node, value.delay] as const])));
  const images = new Map<ImageReference, DeclaredImage>();
  for (const value of values) {
    const delay = delays.get(value.node);
    // Specs of a node without a manifest were never in force.
    if (!('spec' in value) || delay === undefined) continue;
    const { service, dispenser } = value.spec;
    const known = images.get(service.image);
    images.set(service.image, {
      reference: service.image,
      watched: dispenser.watch || known?.watched === true,
      expected: dispenser.watch || dispenser.pull === 'always' || known?.expected === true,
      delay: Math.min(delay, known?.delay ?? delay),
      services: value.node === own ? [...(known?.services ?? []), service.name] : (known?.services ?? []),
    });
  }
  return images;
}
