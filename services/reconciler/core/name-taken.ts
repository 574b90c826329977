import type { ObservedContainer } from '../ports.ts';

/** What people are told about a container that has the name of a service and that Kedge did not make: which one it is, and the ways out. */
export function nameTakenMessage(
  service: string,
  { image, createdAt, kedge }: Pick<ObservedContainer, 'image' | 'createdAt' | 'kedge'>,
): string {
  if (kedge) return otherNodesMessage(service, kedge.node);
  const from = image === '' ? '' : ` from ${image}`;
  return (
    `a container named ${service} exists that Kedge did not make (made${from} at ${createdAt.toISOString().slice(0, 16)}Z): ` +
    `remove it (docker rm -f ${service}), rename it (docker rename ${service} ${service}-old), or give the service another name in service.toml`
  );
}

/** It serves somebody: nobody is told to remove it. */
function otherNodesMessage(service: string, node: string): string {
  return (
    `a container named ${service} belongs to node "${node}" of a Kedge on the same engine, and is left alone: give the service another name in ` +
    'service.toml, or take it out of the configuration of that node'
  );
}
