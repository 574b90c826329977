import type { NetworkSpec } from '@kedge/shared/contracts';
import { labels, type NetworkPlan, type ObservedNetwork } from '../../ports.ts';

/** What a declared network is made of. Labels that begin with `kedge.` are Kedge's own, and nobody else's. */
export function networkPlan({ name, driver, internal, attachable, labels: given = {} }: NetworkSpec, node: string): NetworkPlan {
  const others = Object.entries(given).filter(([key]) => !key.startsWith('kedge.'));
  return {
    name,
    driver: driver ?? 'bridge',
    internal: internal ?? false,
    attachable: attachable ?? true,
    labels: { ...Object.fromEntries(others), 'managed-by': 'kedge', [labels.node]: node, [labels.network]: name },
  };
}

/** True for a network that Kedge made for this node. */
export function isOurs({ name, labels: given }: Pick<ObservedNetwork, 'name' | 'labels'>, node: string): boolean {
  return given[labels.node] === node && given[labels.network] === name;
}

/** What differs between a network and its declaration, for people; empty when nothing does. */
export function networkDifferences(present: NetworkPlan, wanted: NetworkPlan): readonly string[] {
  const attributes = (['driver', 'internal', 'attachable'] as const)
    .filter((key) => present[key] !== wanted[key])
    .map((key) => `${key} ${present[key]} → ${wanted[key]}`);
  const keys = new Set([...Object.keys(present.labels), ...Object.keys(wanted.labels)]);
  const changed = [...keys].filter((key) => present.labels[key] !== wanted.labels[key]).toSorted();
  return [...attributes, ...changed.map((key) => `label ${key} ${shown(present.labels[key])} → ${shown(wanted.labels[key])}`)];
}

function shown(value: string | undefined): string {
  return value === undefined ? '(none)' : `"${value}"`;
}
