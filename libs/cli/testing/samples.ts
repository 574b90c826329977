import {
  Digest,
  type DoctorReply,
  NodeName,
  ReleaseName,
  ServiceName,
  type ServiceStatus,
  type StatusReply,
} from '@kedge/shared/contracts';

const node = NodeName.parse('local');
export const web = ServiceName.parse('web');
export const digestA = Digest.parse(`sha256:${'a'.repeat(64)}`);
export const digestB = Digest.parse(`sha256:${'b'.repeat(64)}`);
export const releaseA = ReleaseName.parse(`v1:${'1'.repeat(64)}`);
export const releaseB = ReleaseName.parse(`v1:${'2'.repeat(64)}`);
export const rollout = '01JNABCDEFGHJKMNPQRSTVWXYZ';

/** A service that serves `digestA`. */
export function serviceStatus(overrides: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    service: web,
    phase: 'serving',
    reason: 'all replicas are ready',
    image: 'localhost:5000/hello:1',
    digest: digestA,
    source: 'registry',
    release: releaseA,
    replicas: { ready: 2, wanted: 2 },
    since: '2026-03-01T11:57:00.000Z',
    routes: ['hello.example.com/'],
    barred: [],
    waiting: undefined,
    ...overrides,
  };
}

/** What a component says of itself that has nothing to tell. */
export function doctorReply(overrides: Partial<DoctorReply> = {}): DoctorReply {
  const now = '2026-03-01T12:00:00.000Z';
  return {
    node,
    instance: 'one',
    version: '1.0.0',
    now,
    startedAt: now,
    lastPassAt: now,
    parts: { bus: true },
    findings: [],
    ...overrides,
  };
}

/** A node on which all is well. */
export function statusReply(overrides: Partial<StatusReply> = {}): StatusReply {
  return {
    node,
    engine: { reachable: true, message: 'Docker 28.5' },
    config: { revision: 'r1', problem: null },
    foreign: [],
    proxies: [{ instance: 'proxy-1', state: 'live', heartbeatAt: '2026-03-01T11:59:58.000Z' }],
    services: [serviceStatus()],
    ...overrides,
  };
}
