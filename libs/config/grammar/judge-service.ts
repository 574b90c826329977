import type { ConfigProblem } from '@kedge/shared/contracts';
import { parseDurationMs } from '@kedge/shared/kernel';
import { judgeNetworks } from './judge-own-networks.ts';
import { judgeProxiedPorts } from './judge-proxied-ports.ts';
import { judgeHosts } from './judge-routes.ts';
import { judgeTargets } from './judge-targets.ts';
import { reservedLabels } from './reserved-labels.ts';
import { routesOf } from './route.ts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { type Pointer, pointerOfText } from './toml-places.ts';
import { isLeftOut, valueAt } from './well-formed.ts';

/** What the tables of one service get wrong together, although each is fine alone. */
export function judgeService(part: ServicePart, file: TomlFile): ConfigProblem[] {
  return [
    ...judgeHosts(part, file),
    ...paths(part, file),
    ...users(part, file),
    ...maintenance(part, file),
    ...spreading(part, file),
    ...ejectionTimes(part, file),
    ...upstreamTls(part, file),
    ...certificates(part, file),
    ...portsOfReplicas(part, file),
    ...judgeProxiedPorts(part, file),
    ...judgeTargets(part, file),
    ...gates(part, file),
    ...reservedLabels({ labels: part.service?.labels, file, pointer: ['service', 'labels'] }),
    ...judgeNetworks(part, file),
  ];
}

function paths({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  if (proxy?.strip_prefix !== true) return [];
  const tell = (message: string) => [problemAt(file, { pointer: ['proxy', 'strip_prefix'], message })];
  if (proxy.rewrite !== undefined) return tell('and "rewrite" say both what becomes of the path; keep one of the two');
  const isWhole = routesOf({ proxy: { host: '', path: proxy.path } }).includes('/') && !isLeftOut(proxy, 'path');
  return isWhole ? tell('needs a "path": without one there is nothing to take away') : [];
}

/** As the file has it: users with a fault of their own are there all the same, and so are those whose names nobody knows. */
function users({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  if (proxy?.basic_auth === undefined) return [];
  const inside = (pointer: Pointer) => pointer[0] === 'proxy' && pointer[1] === 'basic_auth' && pointer.length > 2;
  if (Object.keys(valueAt(file.root, ['proxy', 'basic_auth']) ?? {}).length > 0) return [];
  if ([...file.places.keys()].some((place) => inside(pointerOfText(place)))) return [];
  return [problemAt(file, { pointer: ['proxy', 'basic_auth'], message: 'must name at least one; without the table everybody is served' })];
}

function maintenance({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  const status = proxy?.maintenance_status;
  if (proxy?.maintenance_page === undefined || (status !== 204 && status !== 205 && status !== 304)) return [];
  return [
    problemAt(file, { pointer: ['proxy', 'maintenance_page'], message: `is not shown with the status ${status}, which has no page` }),
  ];
}

function spreading({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  if (proxy?.hash_by === undefined || proxy.balance === 'hash' || isLeftOut(proxy, 'balance')) return [];
  return [problemAt(file, { pointer: ['proxy', 'hash_by'], message: 'needs balance = "hash"' })];
}

function upstreamTls({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  if (proxy?.service_tls_verify === undefined || proxy.service_scheme === 'https' || isLeftOut(proxy, 'service_scheme')) return [];
  return [problemAt(file, { pointer: ['proxy', 'service_tls_verify'], message: 'needs service_scheme = "https"' })];
}

function ejectionTimes({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  const { base = '10s', max } = proxy?.eject ?? {};
  if (max === undefined || parseDurationMs(max) >= parseDurationMs(base)) return [];
  return [problemAt(file, { pointer: ['proxy', 'eject', 'max'], message: `must not be shorter than base, which is ${base}` })];
}

function certificates({ proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  const isGiven = (key: 'cert_file' | 'key_file') => proxy !== undefined && Object.hasOwn(proxy, key);
  if (isGiven('cert_file') === isGiven('key_file')) return [];
  const given = isGiven('cert_file') ? 'cert_file' : 'key_file';
  return [problemAt(file, { pointer: ['proxy', given], message: 'needs the other one too: a certificate is cert_file and key_file' })];
}

function portsOfReplicas({ service, port = [] }: ServicePart, file: TomlFile): ConfigProblem[] {
  if (port.every((each) => each?.via === 'proxy') || (service?.replicas ?? 1) === 1) return [];
  const message = 'must be 1 with a published port: two containers cannot share a port of the host';
  return [problemAt(file, { pointer: ['service', 'replicas'], message })];
}

function gates({ gate = [] }: ServicePart, file: TomlFile): ConfigProblem[] {
  return gate.flatMap((each, index) =>
    each?.type === 'tcp' && each.path !== undefined
      ? [problemAt(file, { pointer: ['gate', index, 'path'], message: 'belongs to gates of type "http"' })]
      : [],
  );
}
