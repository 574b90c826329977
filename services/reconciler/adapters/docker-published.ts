import { z } from 'zod';
import type { PublishedPort } from '../ports.ts';
import type { DockerApi } from './docker-api.ts';

const RunningContainers = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Ports: z.array(z.object({ IP: z.string().default(''), PublicPort: z.int().optional(), Type: z.string() })).nullish(),
  }),
);

/** Every port of the host that a running container has; the engine lists a port once for each address that it is bound to. */
export async function listPublished(api: DockerApi): Promise<PublishedPort[]> {
  const running = await api.send({ what: 'list published ports', method: 'GET', path: '/containers/json' }, RunningContainers);
  return running.flatMap(({ Id, Names, Ports }) =>
    (Ports ?? []).flatMap(({ IP, PublicPort, Type }): PublishedPort[] => {
      // Ports that are exposed and not published have no public side; sctp cannot be declared.
      if (PublicPort === undefined || IP === '' || (Type !== 'tcp' && Type !== 'udp')) return [];
      return [{ container: Id, name: (Names?.[0] ?? Id).replace(/^\//, ''), host: PublicPort, protocol: Type, hostIp: IP }];
    }),
  );
}
