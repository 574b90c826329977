import type { ObservedContainer } from '../ports.ts';

/** What people are told about a container that has the name of a service and that Kedge did not make: which one it is, and the ways out. */
export function nameTakenMessage(service: string, { image, createdAt }: Pick<ObservedContainer, 'image' | 'createdAt'>): string {
  const from = image === '' ? '' : ` from ${image}`;
  return (
    `a container named ${service} exists that Kedge did not make (made${from} at ${createdAt.toISOString().slice(0, 16)}Z): ` +
    `remove it (docker rm -f ${service}), rename it (docker rename ${service} ${service}-old), or give the service another name in service.toml`
  );
}
