import type { ConfigProblem } from '@kedge/shared/contracts';
import { nearest } from '@kedge/shared/kernel';
import type { DeclaredService } from './declared-service.ts';
import { findCycles } from './dependency-cycle.ts';
import { judgePorts, type ProxyPorts } from './judge-ports.ts';
import { sameRoutes } from './judge-routes.ts';
import { isNamedOpenly, shownName } from './named-service.ts';
import { problemAt, quoted } from './template-file.ts';

/** Names that can be referred to. */
export interface Names {
  readonly names: readonly string[];
  /** Those that no variable has a part in: only they are told as the nearest. */
  readonly shown: readonly string[];
  /** False when there may be others: one that is not among them may be right. */
  readonly isWhole: boolean;
}

interface Surroundings extends ProxyPorts {
  /** Declared in the main file. */
  readonly networks: Names;
  /** Of services of which nothing but the name can be told. */
  readonly others: Names;
}

type Service = Pick<DeclaredService, 'file' | 'part'>;

/** What services get wrong together, although each is fine alone. Those that have other faults take part with what is well-formed of them. */
export function judgeServices(services: readonly Service[], { networks, others, ...proxy }: Surroundings): ConfigProblem[] {
  return [
    ...sameNames(services),
    ...sameRoutes(services),
    ...judgePorts(services, proxy),
    ...(networks.isWhole ? undeclaredNetworks(services, networks) : []),
    ...unknownDependencies(services, others),
    ...cycles(services),
  ];
}

function sameNames(services: readonly Service[]): ConfigProblem[] {
  return repeated(services, ({ part }) => part.service?.name ?? null).map(({ first, again }) =>
    problemAt(again.file, {
      pointer: ['service', 'name'],
      message: `${shownName(again)} is the name of two services: ${first.file.path} and ${again.file.path}`,
    }),
  );
}

function undeclaredNetworks(services: readonly Service[], { names, shown }: Names): ConfigProblem[] {
  return services.flatMap(({ file, part }) =>
    (part.network ?? []).flatMap((each, index) => {
      if (each?.name === undefined || names.includes(each.name)) return [];
      const pointer = ['network', index, 'name'];
      return [
        problemAt(file, {
          pointer,
          message: `${quoted(file, { pointer, value: each.name })} is not declared; add a [[network]] to the main file`,
          nearest: nearest(each.name, shown),
        }),
      ];
    }),
  );
}

function unknownDependencies(services: readonly Service[], others: Names): ConfigProblem[] {
  if (!others.isWhole) return [];
  const namesOf = (some: readonly Service[]) => [...some.flatMap(({ part }) => part.service?.name ?? []), ...others.names];
  const known = new Set(namesOf(services));
  const shown = namesOf(services.filter(isNamedOpenly));
  return services.flatMap(({ file, part }) =>
    Object.keys(part.depends_on ?? {})
      .filter((name) => !known.has(name))
      .map((name) =>
        problemAt(file, {
          pointer: ['depends_on', name],
          message: 'is not the name of a service',
          nearest: nearest(name, shown),
          atKey: true,
        }),
      ),
  );
}

function cycles(services: readonly Service[]): ConfigProblem[] {
  const owners = new Map(services.flatMap((service) => (service.part.service?.name ? [[String(service.part.service.name), service]] : [])));
  const dependencies = new Map([...owners].map(([name, { part }]) => [name, Object.keys(part.depends_on ?? {})]));
  return findCycles(dependencies).flatMap((knot) => {
    const [name = '', next = name] = knot[0] ?? [];
    const owner = owners.get(name);
    if (!owner) return [];
    const around = knot.map(([first = '', ...others]) =>
      [first, ...others, first].map((each) => pathName(owners.get(each), each)).join(' → '),
    );
    const told = `services wait for each other, and none of them would ever start: ${around.join(', and ')}`;
    const message =
      next === name && around.length === 1 ? ofItself : `${told}; take one dependency out of ${around.length === 1 ? 'it' : 'each'}`;
    return [problemAt(owner.file, { pointer: ['depends_on', next], message, atKey: true })];
  });
}

const ofItself = 'the service waits for itself, and would never start; take this line out';

/** In a row of names; one that came from a variable is told by its file. */
function pathName(service: Service | undefined, name: string): string {
  return service && !isNamedOpenly(service) ? service.file.path : name;
}

/** Pairs of services that have a key in common: the first that had it, and each later one. */
function repeated(services: readonly Service[], keyOf: (service: Service) => string | null) {
  const firsts = new Map<string, Service>();
  return services.flatMap((again) => {
    const key = keyOf(again);
    if (key === null) return [];
    const first = firsts.get(key);
    if (first) return [{ first, again, key }];
    firsts.set(key, again);
    return [];
  });
}
