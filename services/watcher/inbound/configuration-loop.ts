import { type ConfigurationFolder, type FolderReading, problemList, type Verdict } from '@kedge/config';
import type { ConfigProblem, DataOf, ReplyOf } from '@kedge/shared/contracts';
import { backOffMs, createTurns, errorCode, errorMessage, type Periodic, RetryableError, startPeriodic, wait } from '@kedge/shared/kernel';
import type { ServiceContext } from '@kedge/shared/service';
import type { Applied, ApplyConfiguration } from '../apply-configuration.ts';
import type { Agreement } from '../core/configuration/removal-guard.ts';
import { follow, isSettled, type Settling, sameReading, settleMs } from '../core/configuration/settle.ts';
import type { Clock } from '../ports.ts';

/** A little more than the settle time, so that two looks in a row can agree. */
const lookEveryMs = settleMs + 100;
const fullPassEveryMs = 30_000;
const retryWaits = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** How many looks a request waits for a folder that keeps changing. */
const mostLooks = 8;

interface LoopPorts extends Pick<ServiceContext, 'log' | 'ready'> {
  readonly folder: ConfigurationFolder;
  readonly read: (reading: FolderReading) => Promise<Verdict>;
  readonly configuration: ApplyConfiguration;
  readonly clock: Clock;
  /** Told after each pass that put something in force, and after the first one. */
  readonly onPass: () => void;
  /** Told after each pass that came to its end. */
  readonly onFullPass: () => void;
  readonly count: (outcome: Applied['outcome']) => void;
}

/** Looks at the folder for as long as it is not closed. A wake asks for a full pass, now. */
export interface ConfigurationLoop extends Periodic {
  /**
   * Reads the folder now. With `reload` what it says goes in force; with `apply` although it removes much, if it is the `revision` that was
   * agreed to.
   */
  validate(request: DataOf<'config.validate'>): Promise<ReplyOf<'config.validate'>>;
}

interface Passed {
  readonly reading: FolderReading;
  readonly applied: Applied;
  readonly verdict: Verdict;
}

/** Looks at the folder all the time, passes on what stands still, and everything again every 30 s. */
export function startConfigurationLoop({
  folder,
  read,
  configuration,
  clock,
  onPass,
  count,
  log,
  ready,
  onFullPass,
}: LoopPorts): ConfigurationLoop {
  let folders: readonly string[] = [];
  let envFiles: readonly string[] = [];
  let settling: Settling | null = null;
  /** What the last pass was about; null before the first one. */
  let passed: FolderReading | null = null;
  let fullAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let retryAtMs = 0;
  let trouble: string | null = null;
  const announced = new Set<string>();

  /** Passes and requests take turns. */
  const inTurn = createTurns();

  async function look(): Promise<Settling> {
    const reading = await folder.look(folders, envFiles);
    settling = follow(settling, { reading, nowMs: clock.monotonicMs() });
    return settling;
  }

  /** The verdict on a settled reading; null when other service folders have to be looked at first. */
  async function judge(reading: FolderReading): Promise<Exclude<Verdict, { kind: 'look-again' }> | null> {
    const verdict = await read(reading);
    // A look that did not know of an env file yet is followed by one that does, and so by another pass.
    if (verdict.kind === 'valid' || verdict.kind === 'invalid') envFiles = verdict.envFiles ?? [];
    if (verdict.kind !== 'look-again') return verdict;
    folders = verdict.folders;
    await look();
    return null;
  }

  async function tick(): Promise<void> {
    const current = await look();
    const nowMs = clock.monotonicMs();
    const isFull = nowMs - fullAtMs >= fullPassEveryMs;
    const isNew = isFull || !passed || !sameReading(passed, current.reading);
    if (!isNew || nowMs < retryAtMs || !isSettled(current, nowMs)) return;

    const verdict = await judge(current.reading);
    if (!verdict) return;
    if (verdict.kind === 'unknown') return failed(verdict.reason);
    // Before it is done: a wake in between asks for another one.
    if (isFull) fullAtMs = nowMs;
    const applied = await configuration.apply(verdict, { afresh: isFull });
    succeeded({ reading: current.reading, applied, verdict });
  }

  function succeeded({ reading, applied, verdict }: Passed): void {
    const isFirst = passed === null;
    passed = reading;
    failures = 0;
    retryAtMs = 0;
    trouble = null;
    ready('config', true);
    onFullPass();
    report(applied, verdict);
    if (isFirst || applied.outcome === 'applied') onPass();
  }

  /** Nothing is known and nothing changes; said once, tried again with growing waits. */
  function failed(reason: string): void {
    failures += 1;
    fullAtMs = Number.NEGATIVE_INFINITY;
    retryAtMs = clock.monotonicMs() + backOffMs({ table: retryWaits, failures, random: clock.random() });
    if (trouble !== reason) log.warn({ reason }, 'configuration not read; the last one stays in force');
    trouble = reason;
    ready('config', reason);
  }

  function report({ outcome, manifest }: Applied, verdict: Verdict): void {
    if (outcome !== 'unchanged') count(outcome);
    if (verdict.kind === 'valid') announceUnused(verdict.configuration.unused);
    if (outcome === 'applied')
      log.info({ revision: manifest?.revision, services: Object.keys(manifest?.services ?? {}) }, 'configuration in force');
    if (outcome === 'held') log.warn({ removes: manifest?.held?.removes }, 'configuration held: it would remove too much');
    if (outcome === 'rejected' && verdict.kind === 'invalid') {
      log.warn({ reason: verdict.reason, problems: problemList(verdict.problems) }, 'configuration rejected; the last one stays in force');
    }
  }

  function announceUnused(tables: readonly string[]): void {
    for (const table of tables) {
      if (!announced.has(table)) log.info({ table }, 'table of the main file checked, and not used by this version');
      announced.add(table);
    }
  }

  async function settled(): Promise<FolderReading> {
    settling = null;
    folder.doubt();
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const current = await look();
      if (isSettled(current, clock.monotonicMs())) return current.reading;
      await wait(settleMs, AbortSignal.timeout(2 * settleMs));
    }
    throw new RetryableError('CONFIG_UNSETTLED', 'the configuration folder keeps changing; ask again when it stands still');
  }

  async function validate({ apply, reload, revision }: DataOf<'config.validate'>): Promise<ReplyOf<'config.validate'>> {
    const agreed: Agreement | null = apply ? { revision } : null;
    const writes = apply || reload;
    for (let rounds = 0; rounds < mostLooks; rounds += 1) {
      const reading = await settled();
      const verdict = await judge(reading);
      if (!verdict) continue;
      if (verdict.kind === 'unknown') throw new RetryableError('CONFIG_UNKNOWN', verdict.reason);
      const applied = writes ? await configuration.apply(verdict, { agreed }) : await configuration.preview(verdict);
      if (writes && applied.outcome !== 'not-agreed') succeeded({ reading, applied, verdict });
      return { ...replyOf(verdict, applied), folder: folder.name };
    }
    throw new RetryableError('CONFIG_UNSETTLED', 'the main file names other services each time it is read; ask again when it stands still');
  }

  const loop = startPeriodic({
    everyMs: lookEveryMs,
    work: async () => await inTurn(tick),
    onError: (thrown) => failed(`${errorMessage(thrown)} (${errorCode(thrown)})`),
  });

  return {
    validate: async (request) => await inTurn(() => validate(request)),
    wake() {
      fullAtMs = Number.NEGATIVE_INFINITY;
      // What failed until now failed for a reason that may be gone; whoever else was away comes back within a moment.
      failures = 0;
      retryAtMs = 0;
      folder.doubt();
      loop.wake();
    },
    close: async () => await loop.close(),
  };
}

function replyOf(verdict: Extract<Verdict, { kind: 'valid' | 'invalid' }>, { outcome, manifest }: Applied): ReplyOf<'config.validate'> {
  const revision = manifest?.revision ?? null;
  if (verdict.kind === 'invalid') {
    const { entry, warnings } = verdict;
    return { ok: false, problems: asManyAsFit(verdict.problems), services: [], ...warningsIn(warnings), revision, entry };
  }
  const { entry, services, warnings } = verdict.configuration;
  const held = manifest?.held;
  return {
    ok: held === undefined && outcome !== 'not-agreed',
    problems: held ? [...(manifest?.rejected?.problems ?? [])] : [],
    ...(!held && outcome === 'not-agreed' ? { reason: nothingHeld } : {}),
    services: services.map(({ name }) => name),
    ...warningsIn(warnings),
    revision,
    entry,
    held,
  };
}

/** Half of what a message may hold (1 MB), so that problems and warnings go into one. */
const mostBytes = 400 * 1024;

function asManyAsFit(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...problemList(problems, { most: Number.POSITIVE_INFINITY, mostBytes })];
}

function warningsIn(warnings: readonly ConfigProblem[]): { readonly warnings?: ConfigProblem[] } {
  return warnings.length > 0 ? { warnings: asManyAsFit(warnings) } : {};
}

const nothingHeld =
  'the configuration changed since that was agreed to, and is not held any more; it comes into force by itself, see "kedge status"';
