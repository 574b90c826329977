import { type ReleaseName, releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { chooseImage, type ImageChoice } from './core/choose-image.ts';
import { type Decision, decideRollout } from './core/decide-rollout.ts';
import { firstStart } from './core/sort-containers.ts';
import { barAgainst } from './core/standing-bars.ts';
import type { Making } from './make-container.ts';
import type { World } from './observe-service.ts';

/** What a decision takes beside the world: what only this process knows. */
export interface Circumstances {
  readonly requested: boolean;
  readonly busy: boolean;
}

/** A world in which the service is declared. */
export type DeclaredWorld = World & { readonly spec: ServiceSpec };

/** The image that the service shall run. `fresh`: for a new run of a job. */
export function chooseImageOf(world: DeclaredWorld, fresh = false): ImageChoice {
  const { serving = null, rollout = null, pinned } = world.record?.value ?? {};
  return chooseImage({
    spec: world.spec,
    entry: world.image?.value ?? null,
    pinned,
    serving: serving ?? rollout,
    local: world.local?.id ?? null,
    fresh,
  });
}

/** Gathers what `decideRollout` decides from; nothing is asked and nothing is changed. */
export function decideService(world: DeclaredWorld, { requested, busy }: Circumstances): Decision {
  const record = world.record?.value ?? null;
  const rolling = world.containers.filter(({ kedge }) => kedge?.release === record?.rollout?.release);
  return decideRollout({
    spec: world.spec,
    choice: chooseImageOf(world),
    record,
    bars: world.bars?.value.bars ?? [],
    declaration: world.manifest.services[world.service],
    rolling: rolling.length,
    started: rolling.filter(({ startedAt }) => startedAt !== null).length,
    returning: isReturning(world),
    requested,
    busy,
    now: world.now,
  });
}

/** What was taken down can be made again, and some of it was not started yet, or not long ago. */
function isReturning(world: DeclaredWorld): boolean {
  const spec = wantedOf(world, 'serving')?.spec;
  if (spec == null || world.record?.value.comingUp === undefined) return false;
  return !hasReturned(world, spec) || world.now - Math.max(...world.containers.map(firstStart)) < comesUpWithinMs;
}

/** Nobody waits longer for what was started, and is not fit. */
const comesUpWithinMs = 60_000;

/** All containers of what was taken down were started again. */
export function hasReturned({ record, containers }: World, { service }: ServiceSpec): boolean {
  const { comingUp, serving } = record?.value ?? {};
  if (!comingUp || comingUp.release !== serving?.release) return comingUp === undefined;
  const since = Date.parse(comingUp.since);
  const started = containers.filter(({ kedge, startedAt }) => kedge?.release === comingUp.release && Number(startedAt) >= since);
  return started.length >= (service.replicas ?? 1);
}

/** What serves is what is wanted, and no verdict is against it. */
export function isNewest(world: DeclaredWorld): boolean {
  const wanted = releaseWanted(world);
  return wanted !== null && wanted === world.record?.value.serving?.release && !isBarred(world, wanted);
}

/** What serves is what is wanted, or a verdict is against what is wanted, or nobody knows that: nothing is to take its place. */
export function hasNothingNewer(world: DeclaredWorld): boolean {
  const wanted = releaseWanted(world);
  return wanted === null || wanted === world.record?.value.serving?.release || isBarred(world, wanted);
}

/** Null while no image is known. */
function releaseWanted(world: DeclaredWorld): ReleaseName | null {
  const choice = chooseImageOf(world);
  return choice.kind === 'waiting' ? null : releaseName(world.spec, choice.digest);
}

function isBarred({ bars, manifest, service }: World, release: ReleaseName): boolean {
  return barAgainst(release, bars?.value.bars ?? [], manifest.services[service]) !== null;
}

/** The release that a mode leads to, and what it is made of. `spec` null: it was declared once, and cannot be made any more. */
export interface Wanted {
  readonly release: ReleaseName;
  readonly digest: Making['digest'];
  readonly source: Making['source'];
  readonly rollout: string;
  readonly spec: ServiceSpec | null;
}

/** The release of the rollout under way, or the one that serves. */
export function wantedOf(world: World, which: 'rollout' | 'serving'): Wanted | null {
  const record = world.record?.value;
  if (which === 'rollout') {
    const rollout = record?.rollout;
    return rollout ? { ...rollout, rollout: rollout.id, spec: specOf(world.spec, rollout) } : null;
  }
  const serving = record?.serving;
  return serving ? { ...serving, spec: specOf(world.spec, serving) ?? serving.spec ?? null } : null;
}

/** The declared spec when it makes exactly this release; it may differ in routes and behaviour, which count as declared now. */
function specOf(declared: ServiceSpec | null, { digest, release }: Pick<Wanted, 'digest' | 'release'>): ServiceSpec | null {
  return declared && releaseName(declared, digest) === release ? declared : null;
}
