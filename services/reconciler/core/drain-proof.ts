import { hasReached, type ProxyRecord, type ServiceName } from '@kedge/shared/contracts';

/** What the proxies have proven about a table. */
export interface DrainProof {
  /** Every live proxy routes by this revision or a newer one. */
  readonly applied: boolean;
  /** Requests still open on targets that shall drain. */
  readonly openRequests: number;
  /** Proxies that the proof still waits for. */
  readonly waitingFor: readonly string[];
}

/** Every proxy let go of what shall drain. Where there is nothing to prove, nothing is missing. */
export function isProven(proof: DrainProof | null): boolean {
  return proof === null || (proof.applied && proof.openRequests === 0);
}

interface ProveDrain {
  readonly service: ServiceName;
  readonly revision: string;
  readonly draining: readonly string[];
  readonly proxies: readonly ProxyRecord[];
}

/** A target that a proxy does not mention counts as drained there once the revision is applied. Without proxies there is nothing to wait for. */
export function proveDrain({ service, revision, draining, proxies }: ProveDrain): DrainProof {
  const open = (proxy: ProxyRecord) => draining.reduce((sum, id) => sum + (proxy.open[id] ?? 0), 0);
  const behind = proxies.filter((proxy) => !hasReached(proxy.applied[service], revision));
  const busy = proxies.filter((proxy) => open(proxy) > 0);
  return {
    applied: behind.length === 0,
    openRequests: proxies.reduce((sum, proxy) => sum + open(proxy), 0),
    waitingFor: [...new Set([...behind, ...busy].map(({ instance }) => instance))],
  };
}
