import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, ImageEntry, manifestKey, rejectionKey, ServiceEntry } from '@kedge/shared/contracts';
import type { Examine } from '@kedge/shared/service';
import { examineWatched } from './core/examination.ts';
import { declaredImages } from './core/images/declared-images.ts';

interface ExaminationPorts {
  readonly bus: Pick<Bus, 'bucket' | 'node'>;
  /** What this process trusts beside the public authorities; null when nothing was named. */
  readonly authorities: { readonly certificates: number } | null;
}

/** Makes what `kedge doctor` is told: the configuration of this node, what is trusted, and what the registries of its images last said. */
export function createExamineWatcher({ bus, authorities }: ExaminationPorts): Examine {
  const manifests = bus.bucket('services', ConfigManifest);
  const services = bus.bucket('services', ServiceEntry);
  const images = bus.bucket('images', ImageEntry);
  return async () => {
    const [manifest, rejection, stored, known] = await Promise.all([
      manifests.get(manifestKey(bus.node)),
      manifests.get(rejectionKey(bus.node)),
      services.readAll(bus.node),
      images.readEverything(),
    ]);
    // Without their manifest specs declare nothing.
    const inForce = manifest ? [manifest.value, ...[...stored.values()].map(({ value }) => value)] : [];
    return examineWatched({
      manifest: manifest?.value ?? null,
      rejection: rejection?.value ?? null,
      declared: [...declaredImages(inForce, bus.node).values()],
      authorities,
      entries: new Map([...known.values()].map(({ value }) => [value.reference, value])),
    });
  };
}
