import { type Digest, ReleaseName, type ServiceName } from '@kedge/shared/contracts';
import { hostAddress, hostNetwork } from '../core/host-network.ts';
import { labels, type ObservedContainer } from '../ports.ts';
import type { SimulatedContainer } from './simulated-container.ts';

/** What the port says of a container of the simulated engine. */
export function observed(container: SimulatedContainer, health: ObservedContainer['health']): ObservedContainer {
  const { id, name, plan, state, exitCode, restartCount, startedAt, finishedAt, createdAt, attached, others } = container;
  const isHosts = plan.network === hostNetwork;
  const namedOn = namesOf(container);
  return {
    id,
    name,
    state,
    health,
    exitCode: state === 'exited' || state === 'created' ? exitCode : null,
    restartCount,
    startedAt,
    finishedAt,
    createdAt,
    imageId: plan.image,
    image: plan.image,
    address: isHosts ? hostAddress : attached ? plan.address : null,
    networks: attached ? [plan.network, ...others] : others,
    cutFrom: plan.networks.filter((network) => !others.includes(network)),
    namedOn,
    hasAlias: isHosts || (attached && namedOn.length === plan.networks.length + 1),
    kedge: ownLabels(container),
  };
}

/** The networks on which it answers to the name of its service. */
function namesOf({ plan, name, attached, others, aliases }: SimulatedContainer): string[] {
  const service = plan.labels[labels.service] ?? '';
  const isNamed = aliases.includes(service) || (service !== '' && name === service);
  return isNamed && plan.network !== hostNetwork ? [...(attached ? [plan.network] : []), ...others] : [];
}

function ownLabels({ plan }: SimulatedContainer): ObservedContainer['kedge'] {
  const label = (key: string) => plan.labels[key] ?? '';
  const release = ReleaseName.safeParse(label(labels.release));
  if (!release.success) return null;
  return {
    node: label(labels.node),
    service: label(labels.service) as ServiceName,
    release: release.data,
    rollout: label(labels.rollout),
    slot: Number(label(labels.slot)),
    shape: label(labels.shape),
    image: label(labels.image),
    digest: label(labels.digest) as Digest,
    source: label(labels.source) === 'local' ? 'local' : 'registry',
    address: plan.address,
    networks: plan.networks,
    isAlone: label(labels.alone) === 'true',
    routes: JSON.parse(plan.labels[labels.routes] ?? '[]') as readonly string[],
  };
}
