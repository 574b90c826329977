import type { ConfigProblem } from '@kedge/shared/contracts';
import type { DeclaredService } from './declared-service.ts';
import { describeService } from './named-service.ts';
import { type RouteClaim, routeClaims } from './route.ts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile, taintAt } from './template-file.ts';
import { isLeftOut } from './well-formed.ts';

type Service = Pick<DeclaredService, 'file' | 'part'>;

/** Where a route is claimed. */
interface ClaimPlace extends RouteClaim {
  readonly service: Service;
}

/** A host that one service names twice, and a `[proxy]` without any or with both keys for them. */
export function judgeHosts(part: ServicePart, file: TomlFile): ConfigProblem[] {
  const { proxy } = part;
  if (!proxy) return [];
  const has = (key: 'host' | 'hosts') => proxy[key] !== undefined || isLeftOut(proxy, key);
  // Where one of them is not known, it may never stand beside the other.
  if (proxy.host !== undefined && proxy.hosts !== undefined)
    return [problemAt(file, { pointer: ['proxy', 'hosts'], message: 'names hosts beside "host"; write all of them here' })];
  if (!has('host') && !has('hosts'))
    return [problemAt(file, { pointer: ['proxy'], message: 'has no host; write host = "app.example.com", or hosts = [...] for several' })];
  return [...namedAgain({ part, file }), ...judgeRedirect(proxy, file)];
}

function namedAgain(service: Service): ConfigProblem[] {
  const seen = new Set<string>();
  return claimsOf(service).flatMap(({ route, pointer }) => {
    const isAgain = seen.has(route);
    seen.add(route);
    return isAgain ? [problemAt(service.file, { pointer, message: 'is named here already' })] : [];
  });
}

function judgeRedirect(proxy: NonNullable<ServicePart['proxy']>, file: TomlFile): ConfigProblem[] {
  const tell = (key: string, message: string) => [problemAt(file, { pointer: ['proxy', key], message })];
  if (proxy.redirect !== undefined && proxy.redirect_from === undefined && !isLeftOut(proxy, 'redirect_from'))
    return tell('redirect', 'needs "redirect_from", the hosts whose requests are sent to this one');
  if (proxy.redirect_from === undefined || !(proxy.host ?? proxy.hosts?.[0] ?? '').startsWith('*')) return [];
  return tell('redirect_from', 'needs a first host without "*": that is where the requests are sent');
}

/** Services that claim the same host and path; both places are told. */
export function sameRoutes(services: readonly Service[]): ConfigProblem[] {
  const firsts = new Map<string, ClaimPlace>();
  return services.flatMap((service) =>
    claimsOf(service).flatMap((again) => {
      const first = firsts.get(again.route);
      if (first && first.service !== service) return [sameRoute(first, again)];
      firsts.set(again.route, again);
      return [];
    }),
  );
}

function sameRoute(first: ClaimPlace, again: ClaimPlace): ConfigProblem {
  const { file } = again.service;
  const isMade = [again.pointer, ['proxy', 'path']].some((pointer) => taintAt(file, pointer) !== null);
  const what = isMade ? 'the same route' : `the route ${JSON.stringify(again.route)}`;
  const { line, column } = problemAt(first.service.file, { pointer: first.pointer, message: '' });
  const where = `${describeService(first.service)} at line ${line}, column ${column}, and ${describeService(again.service)}`;
  return problemAt(file, { pointer: again.pointer, message: `two services claim ${what}: ${where}; change host or path of one` });
}

/** A path that is not well-formed is another one than it will be, and so is a host. */
function claimsOf(service: Service): readonly ClaimPlace[] {
  const { proxy } = service.part;
  if (!proxy || isLeftOut(proxy, 'path')) return [];
  return routeClaims({ proxy }).map((claim) => ({ ...claim, service }));
}
