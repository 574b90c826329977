import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, ImageEntry, manifestKey, ServiceEntry } from '@kedge/shared/contracts';
import type { Examine } from '@kedge/shared/service';
import { examineWatched } from './core/examination.ts';
import { declaredImages } from './core/images/declared-images.ts';

/** Makes what `kedge doctor` is told: the configuration of this node, and what the registries of its images last said. */
export function createExamineWatcher(bus: Pick<Bus, 'bucket' | 'node'>): Examine {
  const manifests = bus.bucket('services', ConfigManifest);
  const services = bus.bucket('services', ServiceEntry);
  const images = bus.bucket('images', ImageEntry);
  return async () => {
    const [manifest, stored, known] = await Promise.all([
      manifests.get(manifestKey(bus.node)),
      services.readAll(bus.node),
      images.readEverything(),
    ]);
    const specs = [...stored.values()].map(({ value }) => value);
    return examineWatched({
      manifest: manifest?.value ?? null,
      declared: [...declaredImages(specs, bus.node).keys()],
      entries: new Map([...known.values()].map(({ value }) => [value.reference, value])),
    });
  };
}
