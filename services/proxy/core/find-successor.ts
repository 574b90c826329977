import type { ProxyRecord } from '@kedge/shared/contracts';

interface Leaving {
  /** Of all proxies of the node. */
  readonly records: readonly ProxyRecord[];
  /** Instance of the one that leaves. */
  readonly own: string;
  /** When it was asked to. */
  readonly since: Date;
}

/**
 * Whether another proxy of the node serves what this one serves, so that this one may stop accepting: it wrote its record after this one was
 * asked to end. Nobody counts before the store knows that this proxy leaves: of two that leave at once, at least one then sees that
 * the other does, and waits for somebody who stays.
 */
export function hasSuccessor({ records, own, since }: Leaving): boolean {
  const self = records.find(({ instance }) => instance === own);
  if (!self?.leaving) return false;
  return records.some(
    ({ instance, goodbye, leaving = false, heartbeatAt, applied }) =>
      instance !== own &&
      !goodbye &&
      !leaving &&
      Date.parse(heartbeatAt) >= since.getTime() &&
      Object.keys(self.applied).every((service) => service in applied),
  );
}
