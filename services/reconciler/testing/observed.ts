import { ReleaseName, ServiceName, ServiceSpec, type Target, Ulid } from '@kedge/shared/contracts';
import { hashJson } from '@kedge/shared/kernel';
import type { ObservedContainer } from '../ports.ts';
import type { Rollout } from '../write-record.ts';
import { digestOf } from './simulation.ts';

export const service = ServiceName.parse('web');

/** A release with a name that tells it apart from others. */
export function releaseOf(version: string): ReleaseName {
  return ReleaseName.parse(`v1:${hashJson(version)}`);
}

/** A rollout to a version that has just begun. */
export function rolloutTo(version: string): Rollout {
  return {
    id: Ulid.parse('01JZ0000000000000000000000'),
    release: releaseOf(version),
    image: 'app:latest',
    digest: digestOf(version),
    source: 'registry',
    cause: 'config-changed',
    startedAt: '2026-01-01T00:00:00.000Z',
    from: null,
    strategy: 'stop-first',
    strategyReason: '',
    step: 'begin',
  };
}

type Changes = Partial<Omit<ObservedContainer, 'kedge'>> & { readonly kedge?: Partial<NonNullable<ObservedContainer['kedge']>> };

/** A container of v1 that runs and answers to the service's name, as far as nothing else is said. */
export function container({ kedge, ...changes }: Changes = {}): ObservedContainer {
  const id = changes.id ?? 'c1';
  const address = changes.address === undefined ? '10.0.0.2' : changes.address;
  return {
    id,
    name: 'web',
    state: 'running',
    health: 'none',
    exitCode: null,
    restartCount: 0,
    startedAt: new Date('2026-01-01T00:00:00Z'),
    finishedAt: null,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    imageId: digestOf('v1'),
    image: 'app:latest',
    networks: ['kedge'],
    cutFrom: [],
    namedOn: (changes.hasAlias ?? true) ? ['kedge'] : [],
    hasAlias: true,
    ...changes,
    address,
    kedge: {
      node: 'local',
      service,
      release: releaseOf('v1'),
      rollout: '01JZ0000000000000000000000',
      slot: 0,
      shape: 'shape',
      image: 'app:latest',
      digest: digestOf('v1'),
      source: 'registry',
      address: '10.0.0.2',
      networks: [],
      routes: [],
      isAlone: false,
      ...kedge,
    },
  };
}

export function target(id: string, changes: Partial<Target> = {}): Target {
  return { id, address: '10.0.0.2', port: 80, release: releaseOf('v1'), state: 'ready', ...changes };
}

type Declared = Record<string, unknown> & { readonly service?: Record<string, unknown> };

/** A specification with no more than what it must have. */
export function declared({ service: table, ...rest }: Declared = {}): ServiceSpec {
  return ServiceSpec.parse({ service: { name: 'web', image: 'app:latest', ...table }, dispenser: { watch: true }, ...rest });
}
