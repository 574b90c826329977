import { ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import type { Judged } from '../apply-configuration.ts';

/** A configuration of services with these images, each in a folder of its name. */
export function valid(images: Readonly<Record<string, string>>): Judged {
  const services = Object.entries(images).map(([name, image]) => ({
    name: ServiceName.parse(name),
    folder: name,
    spec: ServiceSpec.parse({ service: { name, image }, dispenser: { watch: true } }),
  }));
  return {
    kind: 'valid',
    configuration: { entry: 'kedge.toml', delay: 60, networks: undefined, proxy: undefined, services, unused: [], warnings: [] },
  };
}

/** One that is rejected for one reason. */
export const invalid = (message: string): Judged => ({
  kind: 'invalid',
  reason: 'invalid',
  entry: 'kedge.toml',
  problems: [{ file: 'kedge.toml', line: 1, column: 1, message }],
  warnings: [],
});
