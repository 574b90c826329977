import type { PlanReply, StatusReply } from '@kedge/shared/contracts';
import { parseDurationMs, TerminalError } from '@kedge/shared/kernel';
import type { Cli } from './cli.ts';
import { folderNamedBy } from './config-place.ts';
import type { CliBus } from './connect.ts';
import { counted } from './core/describe-problem.ts';
import { notesOn } from './core/dispenser-notes.ts';
import { handOverOrder } from './core/hand-over-order.ts';
import { judgeImport } from './core/judge-import.ts';
import { migrationSteps } from './core/migration-steps.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { findDispenser } from './find-dispenser.ts';
import { handOver } from './hand-over.ts';
import { printDispensers, printImport, printSteps } from './print-import.ts';
import { printVerdict } from './print-verdict.ts';
import { validateFolder } from './validate-folder.ts';

type ImportBus = Pick<CliBus, 'request' | 'publish' | 'follow'>;

export interface ImportOptions {
  readonly yes?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
}

interface Stack {
  readonly bus: ImportBus;
  readonly status: StatusReply;
  readonly plan: PlanReply;
}

/** What the reconciler says now. */
export async function lookAtStack(bus: ImportBus): Promise<Stack> {
  const [status, plan] = await Promise.all([bus.request('status.services', {}), bus.request('deploy.plan', {})]);
  return { bus, status, plan };
}

/** Not every process of the host is seen from everywhere. */
const mustBeGone =
  'Dispenser must be gone by now, killed and not stopped: one that runs would fight for the names, and remove the containers when it ends.';

interface Import extends ImportOptions {
  /** Dispenser's folder, or its main file. */
  readonly named: string;
  readonly stack: Stack | null;
  /** Why there is no stack. */
  readonly silence?: string;
}

/** A dry run that changes nothing; then, after a yes, the hand-over. */
export async function importDispenser(cli: Cli, given: Import): Promise<ExitCode> {
  const { terminal, proxyPort } = cli;
  const folder = await folderNamedBy(given.named);
  const { stack, silence, yes = false, json = false, timeout = '5m' } = given;
  const timeoutMs = parseDurationMs(timeout);
  const { reply, configuration } = await validateFolder({ folder, proxyPort });
  if (!configuration) {
    if (json) terminal.json({ folder, ...reply });
    else printVerdict(terminal, reply);
    return exitCodes.failed;
  }
  const notes = notesOn(configuration);
  const judged = judgeImport({ services: handOverOrder(configuration.services), stack, dispenserPid: await findDispenser({ folder }) });
  const steps = migrationSteps(folder);
  const dispensers = judged.kind === 'nothing' ? [] : judged.dispensers;
  const found = { folder, ...reply, declared: configuration.services, networks: configuration.networks ?? [], notes, dispensers };

  if (!json) {
    printImport(terminal, { folder, configuration, notes, warnings: reply.warnings ?? [] });
    printDispensers(terminal, dispensers);
    terminal.print();
  }
  if (judged.kind === 'not-yet') {
    if (json) terminal.json({ ...found, state: judged.kind, reason: judged.reason, steps });
    else {
      terminal.print(
        terminal.paint('warning', `Nothing can be handed over yet: ${judged.reason}${silence === undefined ? '' : ` (${silence})`}.`),
      );
      printSteps(terminal, steps);
    }
    if (yes)
      throw new TerminalError(
        'IMPORT_NOT_READY',
        `nothing was handed over: ${judged.reason}; "kedge import dispenser ${folder}" shows the steps`,
      );
    return exitCodes.fine;
  }
  if (judged.kind === 'nothing' || !stack) {
    if (json) terminal.json({ ...found, state: 'nothing' });
    else terminal.print('Nothing to hand over: no container of Dispenser has the name or a port of these services.');
    return exitCodes.fine;
  }
  if (!json) terminal.print(mustBeGone);
  if (!yes && (json || !terminal.canAsk)) {
    if (json) terminal.json({ ...found, state: judged.kind, handOver: judged.services });
    else
      terminal.print(
        `Nothing was changed. "kedge import dispenser ${folder} --yes" hands over ${judged.services.join(', ')}, one after the other.`,
      );
    return exitCodes.fine;
  }
  if (!yes && !(await terminal.confirm(`Hand over ${counted(judged.services.length, 'service')}, one after the other?`))) {
    terminal.print('Left as it is.');
    return exitCodes.failed;
  }
  return await handOver(cli, { bus: stack.bus, services: judged.services, timeoutMs, json, found });
}
