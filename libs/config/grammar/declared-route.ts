import type { ServiceSpec } from '@kedge/shared/contracts';
import type { z } from 'zod';
import type { ServiceFile } from './service-file.ts';

/** `[proxy]` as the spec has it. */
export function routing({ host, hosts = [], ...declared }: NonNullable<ServiceFile['proxy']>): Pick<z.input<typeof ServiceSpec>, 'proxy'> {
  const all = host === undefined ? hosts : [host];
  return { proxy: { ...declared, host: all[0] ?? '', ...(all.length > 1 && { hosts: [...all] }) } };
}
