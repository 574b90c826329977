import type { Bus } from '@kedge/shared/bus';
import { type Instant, type LogsReply, type LogsRequest, type RunRecord, runKey, type ServiceName } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import { lastThatFit } from './core/last-that-fit.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { RunLedger } from './run-ledger.ts';
import { createRunOutputs, type StoredRun } from './run-outputs.ts';
import type { Stores } from './stores.ts';

interface LogsPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'runs'>;
  readonly engine: Pick<ContainerEngine, 'list' | 'logs'>;
  readonly ledger: Pick<RunLedger, 'of'>;
  /** True while the ledger knows all runs, because this instance writes them. */
  readonly mayAct: () => boolean;
}

/** Rejects with KedgeError SERVICE_UNKNOWN when there is neither a container nor a run. */
export type AnswerLogs = (request: LogsRequest) => Promise<LogsReply>;

const defaultLines = 200;
/** Newest runs that are shown when none is named. */
const shownRuns = 5;
/** An answer has to fit into one message of the bus. */
const maxAnswerBytes = 700_000;

/** The last lines of what runs, and what the last runs of a job have written. */
export function createLogsAnswerer({ bus, stores, engine, ledger, mayAct }: LogsPorts): AnswerLogs {
  const outputs = createRunOutputs(stores);

  return async function answer({ service, lines = defaultLines, instant }) {
    const keys = instant === undefined ? await keysOf(service) : [runKey({ node: bus.node, service, instant })];
    const runs = await runsAt(keys);
    const containers = (await engine.list(bus.node, { service })).filter(
      ({ kedge }) => kedge?.service === service && kedge.node === bus.node,
    );
    if (runs.length === 0 && containers.length === 0) throw unknownService(service, instant);
    const finished = runs.filter(({ value }) => value.state === 'finished').slice(-shownRuns);
    // The container of a job holds the output of all its runs; what is finished is told run by run.
    const isJob = finished.length > 0;
    const live = instant === undefined ? containers.filter((container) => !isJob || container.state === 'running') : [];
    const [ended, present] = await Promise.all([
      Promise.all(finished.map((each) => fromRun(each, lines))),
      Promise.all(live.map((container) => fromContainer(container, { lines, since: isJob ? container.startedAt : null }))),
    ]);
    return { sources: fitting([...ended, ...present.filter((source) => source !== null)]) };
  };

  /**
   * The newest of the finished runs and those under way, which may have ended by now: the event of an end is said before the ledger has it.
   * With neither it is the newest of all. Whoever stands by has no ledger and reads which runs there are.
   */
  async function keysOf(service: ServiceName): Promise<readonly string[]> {
    const all = mayAct() ? ledger.of(service) : await readRuns(service);
    const ended = all.filter(({ state }) => state === 'finished').slice(-shownRuns);
    const shown = all.filter((run) => ended.includes(run) || run.state === 'claimed' || run.state === 'running');
    return (shown.length > 0 ? shown : all.slice(-1)).map(({ key }) => key);
  }

  async function readRuns(service: ServiceName): Promise<readonly { readonly key: string; readonly state: RunRecord['state'] }[]> {
    const all = [...(await stores.runs.readAll(bus.node)).values()].filter(({ value }) => value.service === service);
    return all
      .toSorted((one, other) => Date.parse(one.value.instant) - Date.parse(other.value.instant))
      .map(({ key, value: { state } }) => ({ key, state }));
  }

  async function runsAt(keys: readonly string[]): Promise<readonly StoredRun[]> {
    const entries = await Promise.all(keys.map((key) => stores.runs.get(key)));
    return entries.filter((entry) => entry !== null);
  }

  async function fromRun({ key, value }: StoredRun, lines: number): Promise<LogsReply['sources'][number]> {
    const { instant, container, startedAt, exitCode } = value;
    const text = await outputs.read({ key, value });
    return {
      name: `run ${instant}`,
      container: container ?? null,
      startedAt: startedAt ?? null,
      exitCode: exitCode ?? null,
      lines: text === null || text === '' ? [] : text.split('\n').slice(-lines),
    };
  }

  /** Null for one that a rollout removed since it was listed: nobody asks for its output any more. */
  async function fromContainer(
    container: ObservedContainer,
    { lines, since }: { readonly lines: number; readonly since: Date | null },
  ): Promise<LogsReply['sources'][number] | null> {
    const written = await engine.logs(container.id, since ? { lines, since } : { lines }).catch((thrown: unknown) => {
      if (thrown instanceof KedgeError && thrown.code === 'CONTAINER_GONE') return null;
      throw thrown;
    });
    if (written === null) return null;
    return {
      name: container.name,
      container: container.id,
      startedAt: container.startedAt?.toISOString() ?? null,
      exitCode: container.state === 'exited' ? container.exitCode : null,
      lines: [...written],
    };
  }
}

function unknownService(service: ServiceName, instant: Instant | undefined): KedgeError {
  const when = instant === undefined ? '' : ` at ${instant}`;
  return new KedgeError('SERVICE_UNKNOWN', `nothing is known of ${service}${when}; "kedge status" lists the services`);
}

/** Drops the oldest lines of what is longer than its share of an answer, and says so. */
function fitting(sources: LogsReply['sources']): LogsReply['sources'] {
  const share = Math.floor(maxAnswerBytes / Math.max(1, sources.length));
  return sources.map((source) => {
    const lines = [...lastThatFit(source.lines, share)];
    const isWhole = lines.length === source.lines.length && lines[0] === source.lines[0];
    return { ...source, lines, ...(isWhole ? {} : { cut: true }) };
  });
}
