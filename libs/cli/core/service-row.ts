import type { Configuration } from '@kedge/config';
import { routesOf } from '@kedge/config';
import { proxyOf } from '@kedge/shared/contracts';

type Service = Configuration['services'][number];

/** What a folder declares, as a table tells it. */
export const serviceHeadings = ['SERVICE', 'IMAGE', 'PORTS', 'ROUTE', 'NETWORKS', 'VOLUMES', 'RUNS'] as const;

/** One line of that table. */
export function serviceRow({ name, spec }: Service): string[] {
  const { service, port = [], proxied_port = [], network = [], volume = [], dispenser } = spec;
  return [
    name,
    service.image,
    [...port.map(portText), ...proxied_port.map((each) => `${portText(each)}/proxy`)].join(' '),
    routesOf({ proxy: proxyOf(spec) }).join(' '),
    network.map((each) => each.name).join(' '),
    volume.map(({ source, target, readonly = false }) => `${source}:${target}${readonly ? ':ro' : ''}`).join(' '),
    [...(dispenser.cron === undefined ? [] : [dispenser.cron]), ...(dispenser.initialize === 'on-trigger' ? ['on trigger'] : [])].join(
      ', ',
    ),
  ];
}

interface Port {
  readonly host: number;
  readonly container: number;
  readonly host_ip?: string | undefined;
  readonly protocol?: 'tcp' | 'udp' | undefined;
}

function portText({ host, container, host_ip, protocol }: Port): string {
  return `${host_ip === undefined ? '' : `${host_ip}:`}${host}:${container}${protocol === 'udp' ? '/udp' : ''}`;
}
