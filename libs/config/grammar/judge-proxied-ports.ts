import type { ConfigProblem } from '@kedge/shared/contracts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { isLeftOut } from './well-formed.ts';

/** Keys that say what the proxy does with a connection. */
const ofProxy = ['idle_timeout', 'proxy_protocol'] as const;

/** Ports of a service that are half the proxy's and half the host's. */
export function judgeProxiedPorts({ port = [] }: ServicePart, file: TomlFile): ConfigProblem[] {
  return port.flatMap((each, index) => {
    if (!each || isLeftOut(each, 'via')) return [];
    const tell = (key: string, message: string) => problemAt(file, { pointer: ['port', index, key], message });
    if (each.via === 'proxy') {
      return each.protocol === 'udp' ? [tell('protocol', 'must be "tcp" with via = "proxy": the proxy carries no UDP yet')] : [];
    }
    return ofProxy
      .filter((key) => each[key] !== undefined)
      .map((key) => tell(key, 'needs via = "proxy": of a port that the container publishes the proxy sees nothing'));
  });
}
