import type { ReleaseRecord, ServiceName, StatusReply } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { shortId } from './step.ts';

/** What people are told about a container that has the name of a service and that Kedge did not make: which one it is, and the ways out. */
export function nameTakenMessage(
  service: string,
  { image, createdAt, kedge }: Pick<ObservedContainer, 'image' | 'createdAt' | 'kedge'>,
): string {
  if (kedge) return otherNodesMessage(service, kedge.node);
  const from = image === '' ? '' : ` from ${image}`;
  return (
    `a container named ${service} exists that Kedge did not make (made${from} at ${createdAt.toISOString().slice(0, 16)}Z): ` +
    `let the service take its place ("kedge apply --adopt ${service}"), remove it (docker rm -f ${service}), rename it (docker rename ${service} ${service}-old), or give the service another name in service.toml`
  );
}

/** It serves somebody: nobody is told to remove it. */
function otherNodesMessage(service: string, node: string): string {
  return (
    `a container named ${service} belongs to node "${node}" of a Kedge on the same engine, and is left alone: give the service another name in ` +
    'service.toml, or take it out of the configuration of that node'
  );
}

interface NamedAs {
  readonly service: ServiceName;
  readonly record: Pick<ReleaseRecord, 'waiting' | 'adopting'> | null;
  readonly containers: readonly Pick<ObservedContainer, 'id' | 'name' | 'kedge'>[];
}

/**
 * Who has the name of a service and is not told by the obstacle of that service, nor about to make room for it. Those of another node are
 * nobody's to take or remove: their service says so in its reason.
 */
export function strangersToTell({ service, record, containers }: NamedAs): StatusReply['foreign'] {
  if (record?.waiting?.code === 'NAME_TAKEN') return [];
  const agreed = new Set((record?.adopting ?? []).map(({ container }) => container));
  const strangers = containers.filter(({ id, name, kedge }) => name === service && kedge === null && !agreed.has(id));
  return strangers.map(({ id }) => ({ service, container: shortId(id) }));
}
