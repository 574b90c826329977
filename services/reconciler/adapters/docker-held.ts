import { z } from 'zod';
import { labels, type PublishedPort, type WritableMount } from '../ports.ts';
import type { DockerApi } from './docker-api.ts';

const RunningContainers = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Ports: z.array(z.object({ IP: z.string().default(''), PublicPort: z.int().optional(), Type: z.string() })).nullish(),
    Mounts: z.array(z.object({ Type: z.string(), Name: z.string().optional(), Source: z.string().default(''), RW: z.boolean() })).nullish(),
  }),
);
type RunningContainer = z.infer<typeof RunningContainers>[number];

/** Every port of the host that a running container has; the engine lists a port once for each address that it is bound to. */
export async function listPublished(api: DockerApi): Promise<PublishedPort[]> {
  const running = await api.send({ what: 'list published ports', method: 'GET', path: '/containers/json' }, RunningContainers);
  return running.flatMap((container) =>
    (container.Ports ?? []).flatMap(({ IP, PublicPort, Type }): PublishedPort[] => {
      // Ports that are exposed and not published have no public side; sctp cannot be declared.
      if (PublicPort === undefined || IP === '' || (Type !== 'tcp' && Type !== 'udp')) return [];
      return [{ ...holder(container), host: PublicPort, protocol: Type, hostIp: IP }];
    }),
  );
}

/** Every volume and folder that a running container has and may write to. */
export async function listWritable(api: DockerApi): Promise<WritableMount[]> {
  const running = await api.send({ what: 'list mounts', method: 'GET', path: '/containers/json' }, RunningContainers);
  return running.flatMap((container) =>
    (container.Mounts ?? []).flatMap(({ Type, Name, Source, RW }): WritableMount[] => {
      const source = Type === 'volume' ? (Name ?? '') : Source;
      return RW && source !== '' ? [{ ...holder(container), source }] : [];
    }),
  );
}

function holder({ Id, Names, Labels }: RunningContainer): Pick<WritableMount, 'container' | 'name' | 'owner'> {
  const { [labels.node]: node, [labels.service]: service } = Labels ?? {};
  const owner = node === undefined || service === undefined ? null : { node, service };
  return { container: Id, name: (Names?.[0] ?? Id).replace(/^\//, ''), owner };
}
