import type { ConfigProblem } from '@kedge/shared/contracts';
import { networksOf, portsOf } from './build-configuration.ts';
import type { Configuration, ConfiguredService } from './configuration.ts';
import type { DeclaredService } from './declared-service.ts';
import type { ProxyPorts } from './judge-ports.ts';
import type { MainConfiguration } from './main-configuration.ts';
import { createNeighbourhood, type Exchange, type Neighbourhood } from './neighbourhood.ts';
import type { ServiceReading } from './read-service.ts';
import { type EnvFileContents, mergeEnvFiles } from './service-env-files.ts';
import { warningsOfClaims, warningsOfDependencies } from './warnings.ts';

/** A configuration in which nothing is wrong, and which goes along with its files. */
export interface Standing {
  /**
   * The configuration with these services, by folder, in the place of those before; the others stay the very same values. Null when
   * something may be wrong: then everything is to be built anew, and this one is of no use any more.
   */
  follow(changed: ReadonlyMap<string, ServiceReading>, envFiles: EnvFileContents): Configuration | null;
}

interface Footing extends ProxyPorts {
  readonly main: MainConfiguration;
  /** By folder; what `buildConfiguration` made the configuration of. */
  readonly services: ReadonlyMap<string, ServiceReading>;
}

interface Placed {
  readonly place: number;
  readonly service: DeclaredService;
}

/** Stands on a configuration that was built from these files. */
export function standOn(built: Configuration, { main, services, ...ports }: Footing): Standing {
  let configuration = built;
  const places = new Map(main.folders.map(({ folder }, place) => [folder, place]));
  const declared = main.folders.flatMap(({ folder }) => services.get(folder)?.service ?? []);
  const warned = new Map<number, readonly ConfigProblem[]>();
  /** Places of services whose environment also lies in other files, and of those that wait for another one's end. */
  const marked = { fed: new Set<number>(), ending: new Set<number>() };
  let neighbourhood: Neighbourhood | null = null;

  function note(place: number, { service, warnings }: ServiceReading): void {
    if (warnings.length > 0) warned.set(place, warnings);
    else warned.delete(place);
    mark(marked.fed, { place, is: (service?.envFiles.length ?? 0) > 0 });
    mark(marked.ending, { place, is: Object.values(service?.spec?.depends_on ?? {}).includes('completed') });
  }

  /** Null when one of them has a fault of its own, or they do not get along with the others. */
  function replace(changed: ReadonlyMap<string, ServiceReading>): readonly Placed[] | null {
    const exchanges: Exchange[] = [];
    const placed: Placed[] = [];
    neighbourhood ??= createNeighbourhood(declared, { networks: networksOf(main).names, ...portsOf(main, ports) });
    for (const [folder, reading] of changed) {
      const place = places.get(folder);
      const before = place === undefined ? undefined : declared[place];
      const { service, problems } = reading;
      if (place === undefined || !before || !service?.spec || problems.length > 0) return null;
      exchanges.push({ before, after: service });
      placed.push({ place, service });
      declared[place] = service;
      note(place, reading);
    }
    return neighbourhood.exchange(exchanges) ? placed : null;
  }

  function warnings(): readonly ConfigProblem[] {
    const inOrder = [...warned].toSorted(([one], [other]) => one - other).flatMap(([, each]) => each);
    const dependencies = marked.ending.size > 0 ? warningsOfDependencies(declared) : [];
    return [...main.warnings, ...inOrder, ...dependencies, ...warningsOfClaims(declared, main.part)];
  }

  for (const [place, { folder }] of main.folders.entries()) {
    const reading = services.get(folder);
    if (reading) note(place, reading);
  }
  return {
    follow(changed, envFiles) {
      const placed = changed.size === 0 ? [] : replace(changed);
      if (!placed) return null;
      const fed = [...marked.fed].flatMap((place): Placed[] => {
        const service = declared[place];
        return service ? [{ place, service }] : [];
      });
      const others = new Map([...placed, ...fed].map(({ place, service }) => [place, service]));
      if (others.size === 0) return configuration;
      const next: ConfiguredService[] = [...configuration.services];
      for (const [place, service] of others) {
        const { spec, problems } = mergeEnvFiles(service, envFiles);
        if (!spec || problems.length > 0) return null;
        next[place] = { name: spec.service.name, folder: service.folder, spec };
      }
      configuration = { ...configuration, services: next, warnings: warnings() };
      return configuration;
    },
  };
}

function mark(places: Set<number>, { place, is }: { readonly place: number; readonly is: boolean }): void {
  if (is) places.add(place);
  else places.delete(place);
}
