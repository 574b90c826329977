import type { Bus } from '@kedge/shared/bus';
import { manifestKey, type PlanReply, type PlanRequest, type ServiceName } from '@kedge/shared/contracts';
import { chooseStrategy } from './core/choose-strategy.ts';
import { isKnown } from './core/known-service.ts';
import { describeStep, type Step } from './core/step.ts';
import { decideService } from './decide-service.ts';
import type { ObserveService, World } from './observe-service.ts';
import type { PlanService } from './plan-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface PlanAnswerPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
  readonly observe: ObserveService;
  readonly plan: PlanService;
}

export type AnswerPlan = (request: PlanRequest) => Promise<PlanReply>;
type Change = PlanReply['changes'][number];

const startFirst = [
  'pull the image',
  'start the new containers',
  'ask their gates',
  'send requests to them',
  'wait until the old ones are drained',
  'remove the old ones',
];
const stopFirst = [
  'pull the image',
  'hold requests',
  'stop the old containers',
  'start the new ones',
  'ask their gates',
  'send requests to them',
  'remove the old ones',
];

/** What the next passes would do, and why; nothing is changed by asking. */
export function createPlanAnswerer({ bus, stores, engine, observe, plan }: PlanAnswerPorts): AnswerPlan {
  return async function answer({ service: only }) {
    const manifest = await stores.manifests.get(manifestKey(bus.node));
    const labelled = (await engine.list(bus.node, [])).flatMap(({ kedge }) => (kedge?.node === bus.node ? [kedge.service] : []));
    const known = new Set<ServiceName>([...(Object.keys(manifest?.value.services ?? {}) as ServiceName[]), ...labelled]);
    const changes: Change[] = [];
    for (const service of [...known].filter((name) => only === undefined || name === only).toSorted()) {
      const world = await observe(service);
      const change = world && (await changeOf(world));
      if (change) changes.push(change);
    }
    return { changes };
  };

  async function changeOf(world: World): Promise<Change | null> {
    const { service, spec, containers, record } = world;
    if (!spec && !isKnown(world)) return null;
    if (!spec)
      return containers.length === 0
        ? null
        : { service, action: 'remove', reason: 'it is declared no more', steps: containers.map(({ name }) => `remove ${name}`) };
    const decision = decideService(world, spec, { requested: false, busy: false });
    switch (decision.kind) {
      case 'begin': {
        const { strategy, reason } = chooseStrategy(spec);
        const isFirst = !record?.value.serving;
        const steps = isFirst ? startFirst.slice(0, 4) : strategy === 'stop-first' ? stopFirst : startFirst;
        return {
          service,
          action: isFirst ? 'create' : 'roll',
          strategy,
          reason: `${decision.cause}: ${decision.reason}; ${reason}`,
          steps: [...steps],
        };
      }
      case 'roll':
        return described(world, 'roll', (await plan(world, 'rollout')).steps, record?.value.waiting?.message ?? 'a rollout is under way');
      case 'restore':
        return described(world, 'repair', (await plan(world, 'restore')).steps, 'the old release comes back');
      case 'maintain':
        return described(world, 'repair', (await plan(world, 'maintain')).steps, decision.reason);
      case 'judged':
        return { service, action: 'roll', reason: decision.bar.message, steps: ['give up the rollout under way'] };
      case 'abandon':
        return { service, action: 'roll', reason: decision.reason, steps: ['give up the rollout under way'] };
      case 'wait':
      case 'rest':
        return null;
      default:
        return decision satisfies never;
    }
  }

  function described({ service }: World, action: Change['action'], steps: readonly Step[], reason: string): Change | null {
    return steps.length === 0 ? null : { service, action, reason, steps: steps.map(describeStep) };
  }
}
