import { allRoutes, type EndpointsEntry, type ReleaseRecord } from '@kedge/shared/contracts';
import type { HostPort } from '../ports.ts';
import { publishedBy } from './desired-container.ts';
import { claims } from './moving-routes.ts';
import { overlaps } from './port-conflict.ts';
import { leavingWriters, type Writing } from './still-written.ts';

/** What a service has that is declared no more. */
export interface Bequest {
  readonly service: string;
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  /** Of the host, by its containers. */
  readonly ports: readonly HostPort[];
}

/** Who can only start when it is gone, in sentences: what it has is nobody's if they do not start. */
export function successorWords({ service: leaving, record, endpoints, ports }: Bequest, writing: Writing): string[] {
  const routes = endpoints ? allRoutes(endpoints) : [];
  const isReplaced = record?.serving?.spec?.service.strategy === 'recreate';
  return [...writing.declared].flatMap(([service, { spec }]) => {
    if (!spec) return [];
    const taken = publishedBy(spec).filter((port) => ports.some((each) => overlaps(each, port)));
    const written = leavingWriters(service, spec, writing).filter((each) => each.service === leaving);
    const mustWait = isReplaced || spec.service.strategy === 'recreate' || taken.length + written.length > 0;
    const needed = [
      ...taken.map(({ host }) => `port ${host} of the host`),
      ...written.map(({ source }) => source),
      ...(mustWait ? routes.filter((route) => claims(spec, route)).map(({ host, path }) => `its route ${host}${path}`) : []),
    ];
    if (needed.length === 0) return [];
    return [
      `${service} can only start when it is gone, and takes over ${needed.join(', ')}: if ${service} does not start, nobody has that`,
    ];
  });
}
