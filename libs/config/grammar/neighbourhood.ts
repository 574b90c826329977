import type { DeclaredService } from './declared-service.ts';
import type { ProxyPorts } from './judge-ports.ts';
import { routesOf } from './route.ts';

type Service = Pick<DeclaredService, 'part'>;

interface Surroundings extends ProxyPorts {
  /** Names that the main file declares. */
  readonly networks: readonly string[];
}

/** A service that came in the place of another one. */
export interface Exchange {
  readonly before: Service;
  readonly after: Service;
}

/** Services that get along with each other, by what each of them wants of the others. */
export interface Neighbourhood {
  /**
   * True when all of them get along as before, which costs what was exchanged costs. False when they may not: then `judgeServices` knows,
   * and this one is of no use any more.
   */
  exchange(exchanges: readonly Exchange[]): boolean;
}

/** Takes in services of which `judgeServices` found nothing wrong. */
export function createNeighbourhood(services: readonly Service[], { networks, proxyPort, httpsPort = null }: Surroundings): Neighbourhood {
  const declared = new Set(networks);
  /** How many want each: a name, a route, a port. */
  const claims = new Map<string, number>();
  /** How many wait for a service of each name. */
  const waiting = new Map<string, number>();
  const dependencies = new Map<string, readonly string[]>();

  function enter({ part }: Service): void {
    for (const claim of claimsOf(part)) add(claims, claim, 1);
    for (const name of dependenciesOf(part)) add(waiting, name, 1);
    dependencies.set(nameOf(part), dependenciesOf(part));
  }

  function leave({ part }: Service): void {
    for (const claim of claimsOf(part)) add(claims, claim, -1);
    for (const name of dependenciesOf(part)) add(waiting, name, -1);
    dependencies.delete(nameOf(part));
  }

  function isWelcome({ part }: Service): boolean {
    return (
      claimsOf(part).every((claim) => claims.get(claim) === 1) &&
      (part.port ?? []).every((port) => port?.host !== proxyPort && port?.host !== httpsPort) &&
      (part.network ?? []).every((each) => each?.name !== undefined && declared.has(each.name)) &&
      dependenciesOf(part).every((name) => dependencies.has(name)) &&
      !waitsForItself(nameOf(part), dependencies)
    );
  }

  /** Nobody waits for a service of a name that is gone. */
  function isMissed({ part }: Service): boolean {
    return !dependencies.has(nameOf(part)) && waiting.has(nameOf(part));
  }

  for (const service of services) enter(service);
  return {
    exchange(exchanges) {
      for (const { before } of exchanges) leave(before);
      for (const { after } of exchanges) enter(after);
      return exchanges.every(({ before, after }) => isWelcome(after) && !isMissed(before));
    },
  };
}

/** What no two services may have. Ports of different addresses may be the same: whoever has one of those is judged anew. */
function claimsOf(part: Service['part']): readonly string[] {
  const ports = (part.port ?? []).map((port) => `port ${port?.host}/${port?.protocol ?? 'tcp'}`);
  return [`name ${nameOf(part)}`, ...routesOf(part).map((route) => `route ${route}`), ...ports];
}

function nameOf({ service }: Service['part']): string {
  return service?.name ?? '';
}

function dependenciesOf({ depends_on }: Service['part']): readonly string[] {
  return Object.keys(depends_on ?? {});
}

function waitsForItself(name: string, dependencies: ReadonlyMap<string, readonly string[]>): boolean {
  const reached = new Set(dependencies.get(name));
  for (const each of reached) for (const next of dependencies.get(each) ?? []) reached.add(next);
  return reached.has(name);
}

/** What nobody wants is not in it. */
function add(counts: Map<string, number>, key: string, count: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + count;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
