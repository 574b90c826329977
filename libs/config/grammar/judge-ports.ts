import type { ConfigProblem } from '@kedge/shared/contracts';
import { addressesClash, isEverywhere } from './address-clash.ts';
import type { DeclaredService } from './declared-service.ts';
import { describeService } from './named-service.ts';
import { problemAt } from './template-file.ts';
import { isLeftOut } from './well-formed.ts';

type Service = Pick<DeclaredService, 'file' | 'part'>;
type Port = NonNullable<NonNullable<Service['part']['port']>[number]>;

/** Ports of the host that our own proxy listens on; each null, or absent, when it does not, or nobody said. */
export interface ProxyPorts {
  readonly proxyPort: number | null;
  readonly httpsPort?: number | null | undefined;
}

/** Ports of the host that two want. */
export function judgePorts(services: readonly Service[], { proxyPort, httpsPort = null }: ProxyPorts): ConfigProblem[] {
  const choose = 'choose another, or route by [proxy]';
  return [
    ...samePorts(services),
    ...portsOfProxy(services, { port: proxyPort, message: `port ${proxyPort} of the host is the proxy's; ${choose}` }),
    ...portsOfProxy(services, { port: httpsPort, message: `port ${httpsPort} of the host is the proxy's, for HTTPS; ${choose}` }),
  ];
}

function samePorts(services: readonly Service[]): ConfigProblem[] {
  const earlier = new Map<string, { readonly service: Service; readonly port: Port }[]>();
  return services.flatMap((service) =>
    (service.part.port ?? []).flatMap((port, index) => {
      if (!isKnown(port)) return [];
      const key = `${port.host}/${port.protocol ?? 'tcp'}`;
      const taken = earlier.get(key) ?? [];
      const first = taken.find((each) => areOne(each.port, port));
      earlier.set(key, [...taken, { service, port }]);
      if (!first) return [];
      const message = `the same port of the host is published twice, ${by(first.service, service)}`;
      return [problemAt(service.file, { pointer: ['port', index, 'host'], message })];
    }),
  );
}

function by(first: Service, second: Service): string {
  if (first.file.path === second.file.path) return `both times by ${describeService(second)}`;
  return `by ${describeService(first)} and ${describeService(second)}`;
}

/** On which address the proxy listens is not known here: a port of a single address may be free. */
function portsOfProxy(services: readonly Service[], door: { readonly port: number | null; readonly message: string }): ConfigProblem[] {
  if (door.port === null) return [];
  return services.flatMap(({ file, part }) =>
    (part.port ?? []).flatMap((port, index) =>
      isKnown(port) && hasAddress(port) && port.host === door.port && (port.protocol ?? 'tcp') === 'tcp' && mayClash(port)
        ? [problemAt(file, { pointer: ['port', index, 'host'], message: door.message })]
        : [],
    ),
  );
}

/** What the proxy opens itself it would share with its own doors. */
function mayClash({ via, host_ip }: Port): boolean {
  return via === 'proxy' || isEverywhere(host_ip);
}

/** With a protocol that is none, nobody knows which port it will be. */
function isKnown(port: Port | null): port is Port {
  return port?.host !== undefined && !isLeftOut(port, 'protocol');
}

/** An address that is not well-formed may become any; one that is open everywhere shares its port with all of them. */
function areOne(one: Port, other: Port): boolean {
  if (hasAddress(one) && hasAddress(other)) return addressesClash(one.host_ip, other.host_ip);
  return [one, other].some((port) => hasAddress(port) && isEverywhere(port.host_ip));
}

function hasAddress(port: Port): boolean {
  return !isLeftOut(port, 'host_ip');
}
