import { EndpointsEntry, type ProxySettings, splitRoutes } from '@kedge/shared/contracts';
import type { KnownEndpoints } from '../core/adopt-endpoints.ts';

/** A target on the loopback interface, for tests. */
export interface TestTarget {
  readonly address?: string;
  readonly id: string;
  readonly port: number;
  readonly state?: 'ready' | 'draining';
  readonly release?: string;
}

const usualRelease = `v1:${'0'.repeat(64)}`;

/** The endpoints of a service with one route (`/` of `<service>.test`) unless told otherwise. */
export function endpoints(
  service: string,
  targets: readonly TestTarget[],
  {
    routes = [{ host: `${service}.test`, path: '/' }],
    hold,
    rules,
    ports,
    balancing,
    shares,
  }: {
    readonly routes?: readonly { host: string; path: string }[];
    readonly hold?: boolean;
    /** Of all its routes. */
    readonly rules?: Readonly<Record<string, unknown>>;
    readonly ports?: EndpointsEntry['ports'];
    readonly balancing?: EndpointsEntry['balancing'];
    readonly shares?: EndpointsEntry['shares'];
  } = {},
): EndpointsEntry {
  return EndpointsEntry.parse({
    node: 'local',
    service,
    ...splitRoutes(routes.map((route) => ({ ...route, rules }))),
    targets: targets.map(({ id, port, address = '127.0.0.1', state = 'ready', release = usualRelease }) => ({
      id,
      address,
      port,
      release,
      state,
    })),
    ...(hold === undefined ? {} : { hold }),
    ...(ports === undefined ? {} : { ports }),
    ...(balancing === undefined ? {} : { balancing }),
    ...(shares === undefined ? {} : { shares }),
  });
}

/** Entries as a proxy knows them after a read, each written after the one before it. */
export function knownEndpoints(entries: readonly EndpointsEntry[], settings: ProxySettings = {}): KnownEndpoints {
  return {
    epoch: 'e1',
    settings,
    services: new Map(
      entries.map((entry, index) => [entry.service, { entry, revision: `e1.${index + 1}`, contentRevision: `e1.${index + 1}` }]),
    ),
  };
}
