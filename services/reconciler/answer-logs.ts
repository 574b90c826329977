import type { Bus } from '@kedge/shared/bus';
import type { LogsReply, LogsRequest, RunRecord } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { Stores } from './stores.ts';

interface LogsPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly engine: ContainerEngine;
}

export type AnswerLogs = (request: LogsRequest) => Promise<LogsReply>;

const defaultLines = 200;
/** Newest runs that are shown when none is named. */
const shownRuns = 5;
/** An answer has to fit into one message of the bus. */
const maxAnswerBytes = 700_000;

/** The last lines of what runs, and what the last runs of a job have written. */
export function createLogsAnswerer({ bus, stores, engine }: LogsPorts): AnswerLogs {
  return async function answer({ service, lines = defaultLines, instant }) {
    const runs = (await runsOf(service)).filter((run) => instant === undefined || run.instant === instant);
    const containers = (await engine.list(bus.node, [], { service })).filter(
      ({ kedge }) => kedge?.service === service && kedge.node === bus.node,
    );
    if (runs.length === 0 && containers.length === 0) {
      throw new KedgeError(
        'SERVICE_UNKNOWN',
        `nothing is known of ${service}${instant === undefined ? '' : ` at ${instant}`}; "kedge status" lists the services`,
      );
    }
    const finished = runs.filter(({ state }) => state === 'finished').slice(instant === undefined ? -shownRuns : 0);
    // The container of a job holds the output of all its runs; what is finished is told run by run.
    const isJob = finished.length > 0;
    const live = instant === undefined ? containers.filter((container) => !isJob || container.state === 'running') : [];
    return {
      sources: fitting([
        ...finished.map((run) => fromRun(run, lines)),
        ...(await Promise.all(live.map((container) => fromContainer(container, { lines, since: isJob ? container.startedAt : null })))),
      ]),
    };
  };

  async function runsOf(service: string): Promise<readonly RunRecord[]> {
    const all = [...(await stores.runs.readAll(bus.node)).values()].map(({ value }) => value);
    return all.filter((run) => run.service === service).toSorted((one, other) => Date.parse(one.instant) - Date.parse(other.instant));
  }

  async function fromContainer(
    container: ObservedContainer,
    { lines, since }: { readonly lines: number; readonly since: Date | null },
  ): Promise<LogsReply['sources'][number]> {
    return {
      name: container.name,
      container: container.id,
      startedAt: container.startedAt?.toISOString() ?? null,
      exitCode: container.state === 'exited' ? container.exitCode : null,
      lines: [...(await engine.logs(container.id, since ? { lines, since } : { lines }))],
    };
  }
}

function fromRun({ instant, container, startedAt, exitCode, output }: RunRecord, lines: number): LogsReply['sources'][number] {
  const text = output ?? '';
  return {
    name: `run ${instant}`,
    container: container ?? null,
    startedAt: startedAt ?? null,
    exitCode: exitCode ?? null,
    lines: text === '' ? [] : text.split('\n').slice(-lines),
  };
}

/** Drops the oldest lines of the longest sources until the answer fits. */
function fitting(sources: LogsReply['sources']): LogsReply['sources'] {
  const share = Math.floor(maxAnswerBytes / Math.max(1, sources.length));
  return sources.map((source) => {
    let size = 0;
    const kept: string[] = [];
    for (const line of source.lines.toReversed()) {
      size += line.length * 3 + 4;
      if (size > share) break;
      kept.unshift(line);
    }
    return { ...source, lines: kept };
  });
}
