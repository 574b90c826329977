import { imageKey, type PlanReply } from '@kedge/shared/contracts';
import { comeBack } from './core/come-back.ts';
import { isUp } from './core/sort-containers.ts';
import { type DeclaredWorld, decideService, isNewest } from './decide-service.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

/** What would start, and why. */
export type ComingUp = NonNullable<PlanReply['onUp']>[number];

interface FinderPorts {
  readonly stores: Pick<Stores, 'images'>;
  readonly engine: Pick<ContainerEngine, 'image'>;
}

/** What of a service that is taken down starts when everything comes up; null where nothing does. Nothing is changed by asking. */
export type FindComingUp = (world: World) => Promise<ComingUp | null>;

/** Asks store and engine for the image alone: the rest is in the world. */
export function createComingUpFinder({ stores, engine }: FinderPorts): FindComingUp {
  return async function find(world) {
    const { declared } = world;
    if (!declared) return null;
    const { image } = declared.service;
    const [entry, local] = await Promise.all([stores.images.get(imageKey(image)), engine.image(image)]);
    return comingUpOf(afterwards({ ...world, down: null, spec: declared, image: entry, local }));
  };
}

/** As the first pass sees it. */
function afterwards(world: DeclaredWorld): DeclaredWorld {
  const { record, spec, containers, now } = world;
  // What is gone, and was said to be, begins anew.
  if (!record || record.value.goneAt !== undefined) return { ...world, record: null };
  const runs = containers.some(isUp);
  const left = { ...record.value, leftRunning: record.value.leftRunning ?? runs };
  const value = comeBack(left, { spec, isWanted: isNewest(world), comesFirst: true, runs, since: new Date(now).toISOString() });
  return { ...world, record: { ...record, value } };
}

function comingUpOf(world: DeclaredWorld): ComingUp | null {
  const { service, spec, record } = world;
  const decision = decideService(world, { requested: false, busy: false });
  const declared = { service, image: spec.service.image };
  switch (decision.kind) {
    case 'begin':
      return { ...declared, reason: decision.reason };
    case 'wait':
      return { ...declared, reason: 'it cannot start', problem: { code: decision.code, message: decision.message } };
    case 'maintain': {
      const { serving, comingUp } = record?.value ?? {};
      if (!serving || !comingUp) return null;
      return { service, image: serving.image, reason: isNewest(world) ? asItWas : `${asItWas}; ${decision.reason}` };
    }
    case 'roll':
    case 'restore':
    case 'judged':
    case 'abandon':
      return { ...declared, reason: 'its rollout is brought to an end' };
    case 'rest':
      return null;
    default:
      return decision satisfies never;
  }
}

const asItWas = 'it comes up as it was';
