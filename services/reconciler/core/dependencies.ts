import { type DependencyCondition, dependencyWords, type ReleaseName, type ReleaseRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { decideEnded } from './ended-policy.ts';

/** What is known of a service that another one depends on. */
export interface Dependency {
  readonly service: string;
  readonly condition: DependencyCondition;
  readonly containers: readonly Pick<ObservedContainer, 'state' | 'health' | 'exitCode' | 'startedAt' | 'kedge'>[];
  /** Its restart policy; null when it is not declared. */
  readonly policy: Parameters<typeof decideEnded>[0] | null;
  readonly record: (Pick<ReleaseRecord, 'serving' | 'waiting' | 'last'> & Partial<Pick<ReleaseRecord, 'rollout'>>) | null;
  /** What has to complete: an older release that did is not enough. Null when any counts: it has to run, or a schedule says when. */
  readonly declared: DeclaredRelease | null;
}

/** What is declared of something that has to complete. */
export interface DeclaredRelease {
  /** Null while nobody is known to have its image. */
  readonly release: ReleaseName | null;
  /** The verdict against it; null when there is none that counts. */
  readonly barred: string | null;
}

/** `DEPENDENCY_FAILED`: it cannot come about by itself any more; somebody has to do something about the other service. */
export interface Unmet {
  readonly service: string;
  readonly condition: DependencyCondition;
  readonly code: 'DEPENDENCY_PENDING' | 'DEPENDENCY_FAILED';
  readonly message: string;
}

/** What a service still waits for, each in a sentence; empty when everything is as it declared. */
export function unmetDependencies(dependencies: readonly Dependency[]): readonly Unmet[] {
  return dependencies.flatMap((dependency): Unmet[] => {
    if (isMet(dependency)) return [];
    const { service, condition } = dependency;
    const failure = failureOf(dependency);
    if (failure !== null)
      return [{ service, condition, code: 'DEPENDENCY_FAILED', message: `${dependencyWords(dependency)}, which ${failure}` }];
    const state = stateOf(dependency);
    return [
      {
        service,
        condition,
        code: 'DEPENDENCY_PENDING',
        message: `${dependencyWords(dependency)}${state === null ? '' : `, which ${state}`}`,
      },
    ];
  });
}

/** The one to tell of, where there is one: a failure comes before what is only not there yet. */
export function unmetDependency(dependencies: readonly Dependency[]): Unmet | null {
  const unmet = unmetDependencies(dependencies);
  return unmet.find(({ code }) => code === 'DEPENDENCY_FAILED') ?? unmet[0] ?? null;
}

/** What serves and is not there for a moment: it is started again without anybody, as its policy has it. */
export function comesBack({ containers, record }: Pick<Dependency, 'containers' | 'record'>): boolean {
  const serving = record?.serving;
  if (!serving) return false;
  const own = containers.filter(({ kedge }) => kedge?.release === serving.release);
  const policy = serving.spec?.service.restart ?? 'no';
  if (own.length === 0) return policy !== 'no';
  return own.some(({ state, exitCode }) => (state !== 'exited' && state !== 'dead') || decideEnded(policy, exitCode).again);
}

function isMet({ containers, condition, declared, record }: Dependency): boolean {
  if (declared?.barred != null) return false;
  const isOf = ({ kedge, startedAt }: Dependency['containers'][number]) =>
    declared === null || (kedge?.release === declared.release && isOfRollout(startedAt, record));
  return containers.some((container) => isOf(container) && satisfies(container, condition));
}

/** What ended before the rollout under way began is run again by that. */
function isOfRollout(startedAt: Date | null, record: Dependency['record']): boolean {
  const since = record?.rollout?.startedAt;
  return since === undefined || (startedAt?.getTime() ?? 0) >= Date.parse(since);
}

function satisfies({ state, exitCode, startedAt, health }: Dependency['containers'][number], condition: DependencyCondition): boolean {
  const runs = state === 'running';
  switch (condition) {
    case 'started':
      return runs;
    case 'completed':
      // A container that was made and never ran also has exit code 0.
      return state === 'exited' && exitCode === 0 && startedAt !== null;
    case 'healthy':
      return runs && (health === 'healthy' || health === 'none');
    default:
      return condition satisfies never;
  }
}

/** Why the condition will not come true by itself; null while it may. */
function failureOf({ condition, containers, policy, record, declared }: Dependency): string | null {
  if (declared?.barred != null) return `is barred in its newest release: ${declared.barred}`;
  const isNewer = declared?.release != null && record?.last?.release !== declared.release;
  if (record?.last?.outcome === 'failed' && !record.serving && !isNewer) return `could not start: ${record.last.reason}`;
  const judged = containers.filter(({ kedge }) => declared === null || kedge?.release === declared.release);
  const [ended] = judged.filter(({ state, startedAt }) => state === 'exited' && isOfRollout(startedAt, record) && startedAt !== null);
  if (!ended || containers.some(({ state }) => state === 'running' || state === 'restarting')) return null;
  if (policy === null || decideEnded(policy, ended.exitCode).again) return null;
  if ((ended.exitCode ?? 0) !== 0) return `ended with code ${ended.exitCode}`;
  return condition === 'completed' ? null : 'has ended, and is not started again (its restart policy)';
}

function stateOf({ containers, policy, record, declared }: Dependency): string | null {
  if (policy === null) return 'is not declared';
  if (record?.waiting) return `waits itself: ${record.waiting.message}`;
  if (declared && record?.rollout) return 'is on the way to its newest release';
  if (containers.some(({ health }) => health === 'unhealthy')) return 'is unhealthy';
  if (containers.some(({ health }) => health === 'starting')) return 'is not healthy yet';
  return null;
}
