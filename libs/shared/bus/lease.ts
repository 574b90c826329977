import { LeaseEntry } from '../contracts/index.ts';
import { type Closable, startPeriodic, wait } from '../kernel/index.ts';
import type { Bucket, Bus } from './bus.ts';

/** How long a lease lives without renewal, in milliseconds; the bucket's TTL. */
export const leaseTtlMs = 15_000;
const usuallyRenewedEveryMs = 5_000;
/** After a failure while the bus answers: its store may have been wiped, and is about to be made again. */
const againAfterMs = 500;
/** A holder stops trusting its lease this much before the store would drop it. */
const marginMs = 3_000;

/** Who does something now. One holder at a time; everybody else waits its turn. */
export interface Lease extends Closable {
  /** True while this instance holds the lease, by its own monotonic clock counted from before the last renewal was sent. */
  held(): boolean;
}

/** As much of a bus as a lease needs. */
type LeaseBus = Pick<Bus, 'identity' | 'instance' | 'node' | 'isConnected' | 'onReconnect'> & {
  bucket(name: 'leases', schema: typeof LeaseEntry): Bucket<LeaseEntry>;
};

interface LeaseOptions {
  /** What is leased, as a key part: letters, digits, `_`, `-`. */
  readonly what: string;
  /** How often it is renewed, in milliseconds. Default 5 s. */
  readonly renewEveryMs?: number;
  /** Who holds it. Default: this instance. Instances that name the same holder have it together, and none of them gives it back: it expires. */
  readonly holder?: string;
  readonly onTaken?: () => void;
  /** It could not be renewed in time, perhaps only because the bus is away, or somebody else may have held it meanwhile. */
  readonly onLost?: () => void;
  /** The store says that somebody else holds it; called at every try. */
  readonly onHeldByOther?: (holder: string) => void;
  /** A monotonic clock, in milliseconds. Default: that of the process. */
  readonly now?: () => number;
}

/** Tries for the lease `<identity>.<node>.<what>` now and regularly; keeps it by renewal; gives it back when closed, if nobody shares it. */
export function keepLease(
  bus: LeaseBus,
  {
    what,
    renewEveryMs = usuallyRenewedEveryMs,
    holder: shared,
    onTaken,
    onLost,
    onHeldByOther,
    now = () => performance.now(),
  }: LeaseOptions,
): Lease {
  const holder = shared ?? bus.instance;
  const bucket = bus.bucket('leases', LeaseEntry);
  const key = `${bus.identity}.${bus.node}.${what}`;
  let revision: number | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let announced = false;

  const held = () => revision !== null && now() - renewedAt < leaseTtlMs - marginMs;

  async function round(): Promise<void> {
    const sentAt = now();
    const value = { holder, takenAt: new Date().toISOString() };
    const renewed = revision === null ? null : await bucket.update(key, value, revision);
    // It lapsed, and is not as we left it: somebody else may have held it meanwhile, and given it back.
    if (renewed === null) announce();
    revision = renewed ?? (await take(value));
    if (revision !== null) renewedAt = sentAt;
    announce();
  }

  /** Our own lease from before a short disconnect or restart is renewed rather than waited for, and so is one that we share. */
  async function take(value: LeaseEntry): Promise<number | null> {
    const created = await bucket.create(key, value);
    if (created !== null) return created;
    const current = await bucket.get(key);
    if (current?.value.holder === holder) return await bucket.update(key, value, current.revision);
    if (current) onHeldByOther?.(current.value.holder);
    return null;
  }

  function announce(): void {
    if (held() === announced) return;
    announced = held();
    (announced ? onTaken : onLost)?.();
  }

  const closing = new AbortController();
  const loop = startPeriodic({
    everyMs: renewEveryMs,
    work: round,
    onError() {
      announce();
      if (bus.isConnected()) void wait(againAfterMs, closing.signal).then(() => loop.wake());
    },
  });
  bus.onReconnect(() => loop.wake());
  return {
    held,
    async close() {
      closing.abort();
      await loop.close();
      if (revision !== null && shared === undefined && bus.isConnected()) await bucket.delete(key, revision);
      revision = null;
      announce();
    },
  };
}
