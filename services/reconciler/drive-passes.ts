import type { ServiceName } from '@kedge/shared/contracts';
import { type Closable, createWorkQueue, type PassResult } from '@kedge/shared/kernel';
import type { PassAges } from '@kedge/shared/service';
import { createPatience } from './patience.ts';

interface DriverPorts {
  /** Services worked on at the same moment. */
  readonly concurrency: number;
  readonly pass: (service: ServiceName) => Promise<PassResult>;
  readonly lookAtEverything: () => Promise<void>;
  readonly onError: (thrown: unknown, service: ServiceName | null) => void;
  /** True from the take-over until somebody tells us that the lease is lost. */
  readonly isActive: () => boolean;
  /** True while the lease is ours by our own clock: it may lapse for a moment, and nobody says so, nor when it is ours again. */
  readonly mayAct: () => boolean;
  readonly random: () => number;
  /** Told of every pass. One that was kept from its end has no end. */
  readonly ages: Pick<PassAges<ServiceName>, 'begun' | 'ended' | 'gaveUp'>;
}

/** Brings the wish for a look to an end: whatever ends a look in trouble, the next one follows soon. */
export interface PassDriver extends Closable {
  wake(service: ServiceName): void;
  /** Looks at everything now; also done every 30 s. */
  wakeAll(): void;
}

const resyncEveryMs = 30_000;
const everything = 'everything';

/** Works on as many services at once as it may, on each one at a time; a service that is woken meanwhile is looked at once more. */
export function createPassDriver({
  concurrency,
  pass,
  lookAtEverything,
  onError,
  isActive,
  mayAct,
  random,
  ages,
}: DriverPorts): PassDriver {
  const patience = createPatience<string>(random);

  /** Null when the work was kept from its end because the lease had lapsed: then it is still owed. */
  async function unlessLapsed(work: () => Promise<PassResult>): Promise<PassResult | null> {
    if (!mayAct()) return null;
    const result = await work();
    return mayAct() ? result : null;
  }

  const passes = createWorkQueue<ServiceName>({
    concurrency,
    async work(service) {
      ages.begun(service);
      const result = await unlessLapsed(() => pass(service));
      (result ? ages.ended : ages.gaveUp)(service);
      // Whoever takes over looks at everything anyway.
      if (!result) return isActive() ? { requeueAfterMs: patience.failed(`service ${service}`) } : {};
      patience.succeeded(`service ${service}`);
      return result;
    },
    onError(service, thrown) {
      ages.gaveUp(service);
      onError(thrown, service);
      return { requeueAfterMs: patience.failed(`service ${service}`) };
    },
  });

  const looks = createWorkQueue<typeof everything>({
    concurrency: 1,
    async work() {
      await lookAtEverything();
      if (isActive() && !mayAct()) return { requeueAfterMs: patience.failed(everything) };
      patience.succeeded(everything);
      return { requeueAfterMs: resyncEveryMs };
    },
    onError(_everything, thrown) {
      onError(thrown, null);
      return { requeueAfterMs: patience.failed(everything) };
    },
  });
  looks.add(everything);

  return {
    wake(service) {
      if (isActive()) passes.add(service);
    },
    wakeAll: () => looks.add(everything),
    async close() {
      await looks.close();
      await passes.close();
    },
  };
}
