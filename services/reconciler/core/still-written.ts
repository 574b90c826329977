import type { ReleaseRecord, ServiceSpec } from '@kedge/shared/contracts';
import type { WritableMount } from '../ports.ts';
import { writtenBy } from './desired-container.ts';
import { isStartedByOthers, mayEnd, purposeOf, runsOnce } from './purpose.ts';

/** A declared service. */
export interface Declared {
  /** Null while it is being written. */
  readonly spec: ServiceSpec | null;
  readonly record: Pick<ReleaseRecord, 'serving' | 'rollout' | 'waiting' | 'last' | 'pinned' | 'comingUp' | 'takenDown'> | null;
}

/** Who writes where, and who is declared to. */
export interface Writing {
  readonly node: string;
  /** What running containers may write to. */
  readonly held: readonly WritableMount[];
  /** By name. */
  readonly declared: ReadonlyMap<string, Declared>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: string;
}

/** A service that writes to a place which another one is to have instead. */
export interface LeavingWriter {
  readonly service: string;
  readonly source: string;
  /** Name of the container that may write there; null while none runs, and a release with that place may still come back. */
  readonly container: string | null;
  readonly isDeclared: boolean;
}

/**
 * Those that keep a service from writing where they leave: declared no more, or without that place by now. Not in its way are services that
 * both are declared to write there, or did without having been gone meanwhile, because their owner wishes so, and containers that Kedge did not
 * make. What a schedule or a person starts may be about what others write (it saves or converts that): it waits only for who is declared no more.
 */
export function leavingWriters(
  waiting: string,
  spec: ServiceSpec,
  { node, held, declared, configFolder }: Writing,
): readonly LeavingWriter[] {
  const writes = (of: ServiceSpec | null | undefined) => (of ? writtenBy(of, configFolder) : []);
  const ownMounts = held.filter(({ owner }) => owner?.node === node && owner.service === waiting).map(({ source }) => source);
  const { serving, comingUp } = declared.get(waiting)?.record ?? {};
  // What comes back after it left had its places until then.
  const before = new Set([...ownMounts, ...(comingUp === undefined ? writes(serving?.spec) : [])]);
  const taken = writes(spec).filter((source) => !before.has(source));

  const leaves = (service: string, source: string) =>
    service !== waiting && !writes(declared.get(service)?.spec).includes(source) && !(declared.has(service) && isStartedByOthers(spec));
  const running = held.flatMap(({ source, name, owner }): LeavingWriter[] => {
    if (!taken.includes(source) || owner?.node !== node || !leaves(owner.service, source)) return [];
    return [{ service: owner.service, source, container: name, isDeclared: declared.has(owner.service) }];
  });
  const mayComeBack = [...declared].flatMap(([service, { record }]): LeavingWriter[] => {
    if (!mayReturn(record) || running.some((each) => each.service === service)) return [];
    const source = writes(record?.serving?.spec).find((each) => taken.includes(each) && leaves(service, each));
    return source === undefined ? [] : [{ service, source, container: null, isDeclared: true }];
  });
  return [...running, ...mayComeBack];
}

/** What served is started again: it is kept running, its rollout is not through, or it comes up after it was taken down. */
function mayReturn(record: Declared['record']): boolean {
  const { serving, rollout, comingUp, takenDown } = record ?? {};
  const isKept = serving?.spec !== undefined && purposeOf(serving.spec) !== 'job' && !mayEnd(serving.spec) && !runsOnce(serving.spec);
  return isKept || rollout != null || comingUp !== undefined || takenDown === true;
}

/** Why it waits, in a sentence. */
export function stillWrittenMessage({ service, source, container, isDeclared }: LeavingWriter): string {
  if (container === null)
    return `${service} is declared without ${source} now, and may still come back with it; kedge status ${service} tells what it waits for`;
  return isDeclared
    ? `container ${container} of ${service}, which is declared without it now, still writes to ${source}; kedge status ${service} tells when that ends`
    : `container ${container} of ${service}, which is declared no more, still writes to ${source}; ` +
        `it is started when that has stopped (docker stop ${container} hurries it)`;
}
