import type { PlanReply, ServiceName, StatusReply } from '@kedge/shared/contracts';
import { counted, nameList, TerminalError } from '@kedge/shared/kernel';
import { askPlan } from './ask-plan.ts';
import type { Cli, CliWithBus } from './cli.ts';
import { type ConfigPlace, pathOf } from './config-place.ts';
import type { CliBus } from './connect.ts';
import { notesOn } from './core/dispenser-notes.ts';
import { describeSight } from './core/dispenser-sight.ts';
import { handOverOrder } from './core/hand-over-order.ts';
import { judgeImport } from './core/judge-import.ts';
import { migrationSteps } from './core/migration-steps.ts';
import { shellWord } from './core/shell-word.ts';
import type { ExitCode } from './exit-codes.ts';
import { findDispenser } from './find-dispenser.ts';
import { findHeld } from './find-held.ts';
import { handOver } from './hand-over.ts';
import { printDispensers, printImport, printSteps } from './print-import.ts';
import { printVerdict } from './print-verdict.ts';
import { oneLine } from './terminal/table.ts';
import { errorForPrograms, noteError, type ToldError } from './told-error.ts';
import { validateFolder } from './validate-folder.ts';
import { type WaitOptions, waitingAs } from './waiting.ts';

type ImportBus = Pick<CliBus, 'request' | 'publish' | 'follow'>;

/** As the command line says them. */
export interface ImportOptions extends Pick<WaitOptions, 'timeout' | 'json'> {
  readonly yes?: boolean;
}

interface Stack {
  readonly bus: ImportBus;
  readonly status: StatusReply;
  readonly plan: PlanReply;
  /** Of the configuration that waits for a yes; absent where none does, or nobody tells more of it. */
  readonly held?: readonly ServiceName[] | undefined;
}

/** What the reconciler says now, and the watcher of what is held. */
export async function lookAtStack({ bus }: CliWithBus<keyof ImportBus>): Promise<Stack> {
  const [status, plan] = await Promise.all([bus.request('status.services', {}), askPlan(bus)]);
  return { bus, status, plan, held: (await findHeld(bus, status))?.reply.services };
}

const mustBeGone =
  'Dispenser must be gone by now, killed and not stopped: one that runs would fight for the names, and remove the containers when it ends.';

interface Import extends ImportOptions {
  readonly place: ConfigPlace;
  readonly stack: Stack | null;
  /** Why there is no stack. */
  readonly silence?: ToldError;
  /** The bus was reached. */
  readonly isConnected?: boolean;
}

/** A dry run that changes nothing; then, after a yes, the hand-over. */
export async function importDispenser(given: Cli, asked: Import): Promise<ExitCode> {
  const { cli, say, timeoutMs, conclude } = waitingAs(given, asked);
  const { place, stack, silence, isConnected, yes = false, json = false } = asked;
  const { folder } = place;
  const { reply, configuration } = await validateFolder({ ...place, proxyPort: cli.proxyPort, httpsPort: cli.httpsPort });
  const { ok: _ok, ...verdict } = reply;
  if (!configuration) {
    printVerdict(say, { reply });
    return conclude({ outcome: 'refused', state: 'invalid', folder, ...verdict });
  }
  const notes = notesOn(configuration);
  const daemon = await findDispenser({ folder, processes: cli.processesFolder });
  const judged = judgeImport({ services: handOverOrder(configuration.services), stack, isConnected, silence, daemon });
  const steps = migrationSteps(place, { daemon, first: (judged.kind === 'not-yet' && judged.first) || 'start' });
  const dispensers = judged.kind === 'nothing' ? [] : judged.dispensers;
  const found = { folder, ...verdict, declared: configuration.services, networks: configuration.networks ?? [], notes, dispensers, daemon };

  printImport(say, { folder, configuration, notes, warnings: reply.warnings ?? [], network: cli.network });
  printDispensers(say, dispensers);
  say.print();
  say.print(say.paint(daemon.kind === 'gone' ? 'plain' : 'warning', `${describeSight(daemon)}.`));
  const problem = stack?.status.config.problem ?? null;
  if (problem !== null) say.print(say.paint('warning', `Of the stack: ${oneLine(problem)}.`));
  if (judged.kind === 'not-yet') {
    const why = `${judged.reason}${silence === undefined ? '' : ` (${silence.message} [${silence.code}])`}`;
    say.print(say.paint('warning', `Nothing can be handed over yet: ${why}.`));
    printSteps(say, steps);
    const facts = { ...found, state: judged.kind, reason: judged.reason, ...(silence && { problem: silence }), steps };
    if (!yes) return conclude({ outcome: 'done', ...facts });
    const error = new TerminalError(
      'IMPORT_NOT_READY',
      `nothing was handed over: ${why}; "kedge import dispenser ${shellWord(pathOf(place))}" shows the steps`,
    );
    noteError(say, error);
    // One object has the facts and the error.
    return conclude({ outcome: 'refused', error: errorForPrograms(error), ...facts });
  }
  if (judged.kind === 'nothing' || !stack) {
    say.print('Nothing to hand over: no container of Dispenser has the name or a port of these services.');
    return conclude({ outcome: 'done', ...found, state: 'nothing' });
  }
  say.print(mustBeGone);
  if (!yes && (json || !say.canAsk)) {
    say.print(
      `Nothing was changed. "kedge import dispenser ${shellWord(pathOf(place))} --yes" hands over ${nameList(judged.services)}, one after the other.`,
    );
    return conclude({ outcome: 'done', ...found, state: judged.kind, handOver: judged.services });
  }
  if (!yes && !(await say.confirm(`Hand over ${counted(judged.services.length, 'service')}, one after the other?`))) {
    say.print('Left as it is.');
    return conclude({ outcome: 'refused', ...found, state: judged.kind, handOver: judged.services });
  }
  return conclude({ ...found, ...(await handOver({ ...cli, bus: stack.bus }, { services: judged.services, timeoutMs })) });
}
