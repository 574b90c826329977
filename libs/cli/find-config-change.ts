import type { DataOf } from '@kedge/shared/contracts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';

export type ConfigChange = DataOf<'config.changed'>;

interface Search extends Pick<Cli, 'signal' | 'pause'> {
  readonly bus: Pick<CliBus, 'recent'>;
  /** The reload was asked for. */
  readonly since: Date;
}

/** A change that was taken up this long before the question is the one that is asked about: the watcher looks at the folder all the time. */
const justBeforeMs = 10_000;
const lookEveryMs = 500;
/** The watcher takes up a folder that stands still within two looks of its own, about a second apart. */
const looks = 6;

/** The newest change of the configuration that came into force around a moment, as the stream keeps it; null when there was none. */
export async function findConfigChange({ bus, since, signal, pause }: Search): Promise<ConfigChange | null> {
  const from = new Date(since.getTime() - justBeforeMs);
  for (let look = 1; ; look += 1) {
    const newest = (await bus.recent({ since: from, subjects: ['config.changed'] })).at(-1);
    const isAnswer = newest !== undefined && Date.parse(newest.time) >= since.getTime();
    if (isAnswer || look === looks || !(await pause(lookEveryMs, signal))) return newest ? (newest.data as ConfigChange) : null;
  }
}
