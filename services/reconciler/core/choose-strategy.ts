import type { ServiceSpec } from '@kedge/shared/contracts';
import { isOnHostNetwork } from './host-network.ts';
import { isMeantToEnd } from './purpose.ts';

/** Which of two releases comes first where one takes the place of another. */
export type Strategy = 'start-first' | 'stop-first';

/** Overlap is the default; the old release stops first only where two cannot coexist. */
export function chooseStrategy(spec: ServiceSpec): { readonly strategy: Strategy; readonly reason: string } {
  const port = spec.port?.[0];
  if (port) return { strategy: 'stop-first', reason: `host port ${port.host} can belong to one container only` };
  if (isOnHostNetwork(spec)) {
    return { strategy: 'stop-first', reason: "it is on the host's network, where a port can belong to one container only" };
  }
  if (spec.service.strategy === 'recreate') return { strategy: 'stop-first', reason: 'strategy = "recreate" is declared' };
  const volume = spec.volume?.find(({ readonly }) => !readonly);
  if (volume && (spec.service.replicas ?? 1) === 1) {
    return {
      strategy: 'stop-first',
      reason: `volume ${volume.target} is writable and the service has one replica: two releases must not write at once`,
    };
  }
  if (isMeantToEnd(spec)) return { strategy: 'start-first', reason: 'it runs once, and nothing has to make room for it' };
  return { strategy: 'start-first', reason: 'the new release starts beside the old one' };
}
