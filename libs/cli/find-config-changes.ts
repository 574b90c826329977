import type { CloudEvent } from '@kedge/shared/contracts';
import type { CliBus } from './connect.ts';
import type { ConfigChange, FoundChanges } from './core/choose-followed.ts';

interface Search {
  readonly bus: Pick<CliBus, 'recent'>;
  /** The reload was asked for. */
  readonly since: Date;
}

/** A change that was taken up this long before the question is the one that is asked about: the watcher looks at the folder all the time. */
const justBeforeMs = 10_000;

/** The changes of the configuration, as the stream keeps them. What a reload changes is said when it is answered. */
export async function findConfigChanges({ bus, since }: Search): Promise<FoundChanges> {
  const from = new Date(since.getTime() - justBeforeMs);
  const found = await bus.recent({ since: from, subjects: ['config.changed'] });
  const isOwn = ({ time }: CloudEvent) => Date.parse(time) >= since.getTime();
  const changesOf = (events: readonly CloudEvent[]) => events.map(({ data }) => data as ConfigChange);
  return { own: changesOf(found.filter(isOwn)), earlier: changesOf(found.filter((event) => !isOwn(event))) };
}
