import type { DataOf } from '@kedge/shared/contracts';
import type { CliBus } from './connect.ts';

/** The services that a revision added, changed and removed. */
export type ConfigChange = DataOf<'config.changed'>;

interface Search {
  readonly bus: Pick<CliBus, 'recent'>;
  /** The reload was asked for. */
  readonly since: Date;
}

/** A change that was taken up this long before the question is the one that is asked about: the watcher looks at the folder all the time. */
const justBeforeMs = 10_000;

/**
 * The changes of the configuration that came into force since shortly before a reload, as the stream keeps them, oldest first; none where
 * nothing changed. What a reload changes is said when it is answered.
 */
export async function findConfigChanges({ bus, since }: Search): Promise<readonly ConfigChange[]> {
  const from = new Date(since.getTime() - justBeforeMs);
  return (await bus.recent({ since: from, subjects: ['config.changed'] })).map(({ data }) => data as ConfigChange);
}
