import type { ConfigProblem, NetworkSpec } from '@kedge/shared/contracts';
import { nearest } from '@kedge/shared/kernel';
import type { DeclaredService } from './declared-service.ts';
import { findCycles } from './dependency-cycle.ts';
import { routeOf } from './route.ts';
import { problemAt, quoted } from './template-file.ts';

interface Surroundings {
  /** Declared in the main file; null when that could not be read. */
  readonly networks: readonly NetworkSpec[] | null;
  /** Of the host, that our own proxy listens on; null when it does not, or nobody said. */
  readonly proxyPort: number | null;
  /** False when some service could not be read: then nobody knows which names are missing. */
  readonly complete: boolean;
}

/** What services get wrong together, although each is fine alone. */
export function judgeServices(services: readonly DeclaredService[], { networks, proxyPort, complete }: Surroundings): ConfigProblem[] {
  return [
    ...sameNames(services),
    ...sameRoutes(services),
    ...samePorts(services),
    ...(proxyPort === null ? [] : portsOfProxy(services, proxyPort)),
    ...(networks ? undeclaredNetworks(services, networks) : []),
    ...(complete ? unknownDependencies(services) : []),
    ...cycles(services),
  ];
}

function sameNames(services: readonly DeclaredService[]): ConfigProblem[] {
  return repeated(services, ({ spec }) => [spec.service.name]).map(({ first, again }) => {
    const name = quoted(again.file, ['service', 'name'], again.spec.service.name);
    return problemAt(again.file, ['service', 'name'], {
      message: `${name} is the name of two services: ${first.file.path} and ${again.file.path}`,
    });
  });
}

function sameRoutes(services: readonly DeclaredService[]): ConfigProblem[] {
  return repeated(services, ({ spec }) => [routeOf(spec)].filter((route) => route !== null)).map(({ first, again, key }) => {
    const route = quoted(again.file, ['proxy', 'host'], key);
    const names = `"${first.spec.service.name}" (${first.file.path}) and "${again.spec.service.name}" (${again.file.path})`;
    return problemAt(again.file, ['proxy', 'host'], {
      message: `two services claim the route ${route}: ${names}; change host or path of one`,
    });
  });
}

function samePorts(services: readonly DeclaredService[]): ConfigProblem[] {
  const earlier = new Map<string, { readonly service: DeclaredService; readonly port: PublishedPort }[]>();
  return services.flatMap((service) =>
    (service.spec.port ?? []).flatMap((port, index) => {
      const key = `${port.host}/${port.protocol ?? 'tcp'}`;
      const taken = earlier.get(key) ?? [];
      const first = taken.find((each) => addressesClash(each.port.host_ip, port.host_ip));
      earlier.set(key, [...taken, { service, port }]);
      if (!first) return [];
      const names = `"${first.service.spec.service.name}" (${first.service.file.path}) and "${service.spec.service.name}" (${service.file.path})`;
      return [problemAt(service.file, ['port', index, 'host'], { message: `the same port of the host is published twice, by ${names}` })];
    }),
  );
}

/** On which address the proxy listens is not known here: a port of a single address may be free. */
function portsOfProxy(services: readonly DeclaredService[], proxyPort: number): ConfigProblem[] {
  return services.flatMap(({ file, spec }) =>
    (spec.port ?? []).flatMap(({ host, protocol = 'tcp', host_ip }, index) =>
      host === proxyPort && protocol === 'tcp' && isEverywhere(host_ip)
        ? [
            problemAt(file, ['port', index, 'host'], {
              message: `port ${proxyPort} of the host is the proxy's; choose another, or route by [proxy]`,
            }),
          ]
        : [],
    ),
  );
}

type PublishedPort = NonNullable<DeclaredService['spec']['port']>[number];

function addressesClash(left: string | undefined, right: string | undefined): boolean {
  return isEverywhere(left) || isEverywhere(right) || left === right;
}

function isEverywhere(address: string | undefined): boolean {
  return address === undefined || address === '0.0.0.0' || address === '::';
}

function undeclaredNetworks(services: readonly DeclaredService[], networks: readonly NetworkSpec[]): ConfigProblem[] {
  const names = networks.map(({ name }) => name);
  return services.flatMap(({ file, spec }) =>
    (spec.network ?? []).flatMap(({ name }, index) => {
      if (names.includes(name)) return [];
      const pointer = ['network', index, 'name'];
      return [
        problemAt(file, pointer, {
          message: `${quoted(file, pointer, name)} is not declared; add a [[network]] to the main file`,
          nearest: nearest(name, names),
        }),
      ];
    }),
  );
}

function unknownDependencies(services: readonly DeclaredService[]): ConfigProblem[] {
  const names = new Set<string>(services.map(({ spec }) => spec.service.name));
  return services.flatMap(({ file, spec }) =>
    Object.keys(spec.depends_on ?? {})
      .filter((name) => !names.has(name))
      .map((name) =>
        problemAt(file, ['depends_on', name], { message: 'is not the name of a service', nearest: nearest(name, [...names]), atKey: true }),
      ),
  );
}

function cycles(services: readonly DeclaredService[]): ConfigProblem[] {
  const dependencies = new Map(services.map(({ spec }) => [String(spec.service.name), Object.keys(spec.depends_on ?? {})]));
  const owners = new Map(services.map((service) => [String(service.spec.service.name), service]));
  return findCycles(dependencies).flatMap((cycle) => {
    const [name = '', next = ''] = cycle;
    const owner = owners.get(name);
    const message = `services wait for each other: ${[...cycle, name].join(' → ')}`;
    return owner ? [problemAt(owner.file, ['depends_on', next === '' ? name : next], { message, atKey: true })] : [];
  });
}

/** Pairs of services that have a key in common: the first that had it, and each later one. */
function repeated(services: readonly DeclaredService[], keysOf: (service: DeclaredService) => readonly string[]) {
  const firsts = new Map<string, DeclaredService>();
  return services.flatMap((again) =>
    keysOf(again).flatMap((key) => {
      const first = firsts.get(key);
      if (first) return [{ first, again, key }];
      firsts.set(key, again);
      return [];
    }),
  );
}
