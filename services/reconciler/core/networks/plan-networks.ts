import type { NetworkSpec } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import type { NetworkPlan, ObservedNetwork } from '../../ports.ts';
import { isOurs, networkDifferences, networkPlan } from './network-plan.ts';

/** What becomes of one network, and why. */
export type NetworkStep =
  | { readonly kind: 'create'; readonly plan: NetworkPlan; readonly reason: string }
  | { readonly kind: 'recreate'; readonly plan: NetworkPlan; readonly reason: string }
  | { readonly kind: 'remove'; readonly name: string; readonly reason: string }
  /** It should be made anew or removed, and somebody else's container is on it. */
  | {
      readonly kind: 'refuse';
      readonly name: string;
      readonly wanted: 'recreate' | 'remove';
      readonly reason: string;
      readonly code: 'NETWORK_IN_USE';
    }
  /** Somebody else made it: it is used and never changed. */
  | { readonly kind: 'use-as-is'; readonly name: string; readonly reason: string }
  /** It is external, so that somebody else has to make it. */
  | { readonly kind: 'missing'; readonly name: string; readonly reason: string; readonly code: 'NETWORK_MISSING' };

/** What is declared, what is there, and who needs it. */
export interface PlanNetworks {
  readonly node: string;
  /** `[[network]]` of the configuration in force. */
  readonly declared: readonly NetworkSpec[];
  readonly existing: readonly ObservedNetwork[];
  /** Services that declare each network, by its name. */
  readonly usedBy: ReadonlyMap<string, readonly string[]>;
  /** Networks of releases that serve, which may be older than what is declared. */
  readonly serving: ReadonlySet<string>;
  /** Looked after elsewhere. */
  readonly defaultNetwork: string;
  /** Why one goes that nobody needs. Default: it is declared no more. */
  readonly whyRemoved?: string;
}

/** What is to be done about networks; empty when all are as declared. The order is that of people's attention: removals first. */
export function planNetworks(given: PlanNetworks): NetworkStep[] {
  const cared = given.declared.filter(({ name }) => name !== given.defaultNetwork && !isEngines(name));
  const kept = cared.flatMap((spec) => (spec.external ? awaiting(spec.name, given) : keeping(spec, given)));
  return [...given.existing.flatMap((network) => removal(network, given)), ...kept];
}

/** Networks that every engine has once, and that nobody makes or removes. */
export function isEngines(name: string): boolean {
  return name === 'host' || name === 'none' || name === 'bridge';
}

/** What to do about an external network that is not there. */
export function missingReason(name: string): string {
  return `external network ${name} does not exist; make it with "docker network create ${name}"`;
}

function awaiting(name: string, { existing }: PlanNetworks): NetworkStep[] {
  if (existing.some((network) => network.name === name)) return [];
  return [{ kind: 'missing', name, reason: missingReason(name), code: 'NETWORK_MISSING' }];
}

/** All that are declared are made, also those that no service names. */
function keeping(spec: NetworkSpec, { node, existing, usedBy }: PlanNetworks): NetworkStep[] {
  const { name } = spec;
  const plan = networkPlan(spec, node);
  const present = existing.find((network) => network.name === name);
  const users = usedBy.get(name) ?? [];
  if (!present) {
    const reason = users.length === 0 ? 'it is declared' : `${nameList(users)} ${users.length === 1 ? 'needs' : 'need'} it`;
    return [{ kind: 'create', plan, reason }];
  }
  if (!isOurs(present, node)) {
    return [{ kind: 'use-as-is', name, reason: 'it was not made by Kedge for this node: what is declared of it is not applied' }];
  }
  const differences = networkDifferences(present, plan);
  if (differences.length === 0) return [];
  const reason = differences.join(', ');
  const strangers = strangersOn(present, node);
  if (strangers.length > 0) return [refusal(name, 'recreate', `${reason}; but ${onIt(strangers)}`)];
  return [{ kind: 'recreate', plan, reason }];
}

function removal(network: ObservedNetwork, given: PlanNetworks): NetworkStep[] {
  const { name, members } = network;
  const { node, declared, usedBy, serving, defaultNetwork, whyRemoved = 'it is declared no more' } = given;
  if (!isOurs(network, node) || name === defaultNetwork) return [];
  if (declared.some((spec) => spec.name === name) || usedBy.has(name) || serving.has(name)) return [];
  const strangers = strangersOn(network, node);
  if (strangers.length > 0) return [refusal(name, 'remove', `${whyRemoved}; but ${onIt(strangers)}`)];
  // Containers of ours that are on it are leaving.
  return members.length > 0 ? [] : [{ kind: 'remove', name, reason: whyRemoved }];
}

function refusal(name: string, wanted: 'recreate' | 'remove', reason: string): NetworkStep {
  return { kind: 'refuse', name, wanted, reason, code: 'NETWORK_IN_USE' };
}

function strangersOn({ members }: ObservedNetwork, node: string): readonly string[] {
  return members.filter(({ owner }) => owner?.node !== node).map(({ name }) => name);
}

function onIt(names: readonly string[]): string {
  return `${nameList(names)} ${names.length === 1 ? 'is' : 'are'} on it, which Kedge did not make`;
}
