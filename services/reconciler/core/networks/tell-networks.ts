import type { PlanReply, StatusReply } from '@kedge/shared/contracts';
import type { NetworkStep } from './plan-networks.ts';

/** As the plan shows them. */
export type NetworkChanges = NonNullable<PlanReply['networks']>;
/** What somebody else has to make, as the plan shows it. */
export type MissingNetworks = NonNullable<PlanReply['missingNetworks']>;
/** As the status shows them. */
export type KeptNetworks = NonNullable<StatusReply['networks']>;

/** Why the engine did not make a network. */
export interface NetworkRefusal {
  readonly code: string;
  /** In the engine's own words, where it gave some. */
  readonly message: string;
}

/** The network that a step is about. */
export function nameIn(step: NetworkStep): string {
  return 'plan' in step ? step.plan.name : step.name;
}

/** What the plan shows of a step that Kedge takes. */
export function changeOf(step: NetworkStep, refusal: NetworkRefusal | null): NetworkChanges {
  switch (step.kind) {
    case 'create':
    case 'recreate':
      return [{ name: step.plan.name, action: step.kind, reason: refusal ? `${refusal.code}: ${refusal.message}` : step.reason }];
    case 'remove':
      return [{ name: step.name, action: step.kind, reason: step.reason }];
    case 'refuse':
      return [{ name: step.name, action: step.wanted, reason: `${step.code}: ${step.reason}` }];
    case 'missing':
    case 'use-as-is':
      return [];
    default:
      return step satisfies never;
  }
}

/** What the plan shows of a step that somebody else has to take. */
export function missingIn(step: NetworkStep): MissingNetworks {
  return step.kind === 'missing' ? [{ name: step.name, reason: `${step.code}: ${step.reason}` }] : [];
}

/** What the status shows of a network that is not as declared. */
export function keptOf(step: NetworkStep, refusal: NetworkRefusal | null): KeptNetworks {
  if (refusal) return [{ name: nameIn(step), code: refusal.code, message: refusal.message }];
  return step.kind === 'refuse' || step.kind === 'missing' ? [{ name: step.name, code: step.code, message: step.reason }] : [];
}
