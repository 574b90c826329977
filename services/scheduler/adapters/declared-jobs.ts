import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, manifestKey, ServiceEntry, ServiceName, serviceKey } from '@kedge/shared/contracts';
import type { Declared, DeclaredJobs } from '../ports.ts';

/** The configuration in force on the bus: only specs that the manifest names, in the version that it names. */
export function createDeclaredJobs(bus: Bus): DeclaredJobs {
  const manifests = bus.bucket('services', ConfigManifest);
  const services = bus.bucket('services', ServiceEntry);

  async function hashes(): Promise<ReadonlyMap<string, string> | null> {
    const manifest = await manifests.get(manifestKey(bus.node));
    return manifest && new Map(Object.entries(manifest.value.services));
  }

  return {
    async read(service) {
      const named = await hashes();
      if (!named) return { kind: 'unknown' };
      const hash = named.get(service);
      if (hash === undefined) return { kind: 'none' };
      const entry = await services.get(serviceKey(bus.node, service));
      return judge(entry?.value, hash);
    },

    async services() {
      const named = (await hashes()) ?? new Map<string, string>();
      const stored = await services.readAll(bus.node);
      return [...named].flatMap(([name, hash]): ServiceName[] => {
        const service = ServiceName.parse(name);
        return judge(stored.get(serviceKey(bus.node, service))?.value, hash).kind === 'none' ? [] : [service];
      });
    },
  };
}

function judge(entry: ServiceEntry | undefined, hash: string): Declared {
  if (entry?.hash !== hash) return { kind: 'unknown' };
  const { cron } = entry.spec.dispenser;
  return cron === undefined ? { kind: 'none' } : { kind: 'job', cron };
}
