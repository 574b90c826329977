import type { ServiceName, ServiceStatus, StatusReply } from '@kedge/shared/contracts';

/**
 * The services that still have containers; in doubt, because the engine does not answer, all of them. Between two runs a job keeps the
 * container of its last one.
 */
export function leftToRemove({ services, engine }: Pick<StatusReply, 'services' | 'engine'>): ServiceName[] {
  return services
    .filter(({ phase, replicas, release }) => !engine.reachable || replicas.ready > 0 || !hasNone({ phase, release }))
    .map(({ service }) => service);
}

/** An idle one without a release has never run. */
function hasNone({ phase, release }: Pick<ServiceStatus, 'phase' | 'release'>): boolean {
  return phase === 'stopped' || (phase === 'idle' && release === null);
}
