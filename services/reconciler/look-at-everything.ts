import type { Bus } from '@kedge/shared/bus';
import type { ServiceName, StatusReply } from '@kedge/shared/contracts';
import type { ContainerEngine } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';

interface LookPorts {
  readonly bus: Bus;
  readonly engine: Pick<ContainerEngine, 'list'>;
  readonly ledger: Pick<RunLedger, 'load'>;
  readonly resync: () => Promise<ReadonlySet<ServiceName>>;
  /** Told which services there are, when all of them were woken. */
  readonly wanted: (services: ReadonlySet<ServiceName>) => void;
  readonly status: () => Promise<StatusReply>;
  readonly show: (status: StatusReply, containers: number) => void;
}

/** Wakes every service and shows the metrics of all. Trouble with one part keeps no other part from being done; the first one is thrown in the end. */
export function createLookAtEverything({ bus, engine, ledger, resync, wanted, status, show }: LookPorts): () => Promise<void> {
  return async function look() {
    // A claim whose reply was lost is found by the load: runs are known before anybody is woken.
    const ends = [await settled(ledger.load), await settled(async () => wanted(await resync())), await settled(present)];
    const first = ends.find(({ status }) => status === 'rejected');
    if (first?.status === 'rejected') throw first.reason;
  };

  async function present(): Promise<void> {
    show(await status(), (await engine.list(bus.node)).length);
  }
}

async function settled(part: () => Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  const [end] = await Promise.allSettled([part()]);
  return end;
}
