import type { ServiceName, StatusReply } from '@kedge/shared/contracts';

/** The services that still have containers; in doubt, because the engine does not answer, all of them. */
export function leftToRemove({ services, engine }: Pick<StatusReply, 'services' | 'engine'>): ServiceName[] {
  return services
    .filter(({ phase, replicas }) => !engine.reachable || replicas.ready > 0 || (phase !== 'stopped' && phase !== 'idle'))
    .map(({ service }) => service);
}
