import type { LogsReply } from '@kedge/shared/contracts';
import { newLines } from './new-lines.ts';

type Source = LogsReply['sources'][number];

/** Tells, look after look, which lines of an output were not there before. */
export interface SeenOutput {
  /** The sources with the lines that no earlier look had; a source that was never there has all of its lines. */
  added(reply: LogsReply): Source[];
}

/**
 * An ordinary container goes by its name: after a restart its output goes on. The container of a job writes one output for each run, and a
 * run that ended tells the same output again under a name of its own, so there the container and its start say which output it is.
 */
export function createSeenOutput(first: LogsReply): SeenOutput {
  const seen = new Map<string, readonly string[]>();

  function remember({ sources }: LogsReply): void {
    // A container that is gone keeps its lines here: its last look may come back with the next one.
    for (const source of sources) for (const key of [source.name, outputOf(source)]) seen.set(key, source.lines);
  }

  remember(first);
  return {
    added(reply) {
      const isJob = reply.sources.some(({ name }) => name.startsWith('run '));
      const sources = reply.sources.map((source) => ({
        ...source,
        lines: [...newLines(seen.get(isJob ? outputOf(source) : source.name) ?? [], source.lines)],
      }));
      remember(reply);
      return sources;
    },
  };
}

function outputOf({ name, container, startedAt }: Source): string {
  return container === null || startedAt === null ? name : `${container} from ${startedAt}`;
}
