import { parseDurationMs } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { blockedServices } from '../core/choose-adoptions.ts';
import { describeChange } from '../core/describe-change.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type ConfigChange, findConfigChange } from '../find-config-change.ts';
import type { PlanEnding } from '../follow-plan.ts';
import { printVerdict } from '../print-verdict.ts';
import { plannedServices, showPlanProgress } from '../show-plan-progress.ts';
import { oneLine } from '../terminal/table.ts';
import { validateTimeoutMs } from './validate.ts';

interface ReloadOptions {
  readonly wait?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
}

export const register: Register = (program, cli, run) => {
  program
    .command('reload')
    .description('read the configuration folder now, and show what came of it (also: kedge --signal reload)')
    .option('--no-wait', 'do not wait for the services that change')
    .option('--timeout <duration>', 'how long to wait (default: 5m)')
    .option('--json', 'print the outcome as JSON')
    .action(async (options: ReloadOptions) => {
      await run(async (bus) => await reload(bus, cli, options));
    });
};

/**
 * Reads the folder, then waits for what changes because of it. The watcher takes up by itself what is right; what it refuses or holds is
 * told, and changes nothing.
 */
async function reload(
  bus: Pick<CliBus, 'request' | 'follow' | 'recent'>,
  cli: Cli,
  { wait = true, timeout = '5m', json = false }: ReloadOptions,
): Promise<ExitCode> {
  const { terminal } = cli;
  const timeoutMs = parseDurationMs(timeout);
  const since = terminal.now();
  const reply = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  if (!reply.ok) {
    if (json) terminal.json({ ...reply, change: null, outcome: 'refused', services: [] });
    else {
      printVerdict(terminal, reply);
      terminal.print(
        reply.held ? '"kedge apply" shows what it would remove, and asks.' : 'Nothing changed: the last good configuration stays in force.',
      );
    }
    return exitCodes.failed;
  }

  const change = await findConfigChange({ ...cli, bus, since });
  if (cli.signal.aborted) return exitCodes.interrupted;
  const plan = await bus.request('deploy.plan', {});
  const services = [...new Set([...changedServices(change), ...plannedServices(plan)])];
  if (!json) terminal.print(change ? `In force: ${describeChange(change)}.` : 'In force already: nothing in the folder changed.');
  if (!json && plan.problem !== undefined) terminal.print(terminal.paint('warning', oneLine(plan.problem)));
  const blocked = blockedServices(plan, []);
  if (!wait || services.length === 0) {
    if (json) tell(terminal, change, { outcome: services.length === 0 ? 'done' : 'going', services: [] });
    else if (services.length === 0) terminal.print('Nothing to do.');
    return exitCodes.fine;
  }
  const { ending, exitCode } = await showPlanProgress(bus, cli, { title: 'reload', begin: async () => services, blocked, timeoutMs, json });
  if (json) tell(terminal, change, ending);
  return exitCode;
}

interface Outcome extends Pick<PlanEnding, 'services'> {
  /** `going`: nobody waited for the end. */
  readonly outcome: PlanEnding['outcome'] | 'going';
}

function tell(terminal: Cli['terminal'], change: ConfigChange | null, outcome: Outcome): void {
  terminal.json({ ok: outcome.outcome === 'done' || outcome.outcome === 'going', change, ...outcome });
}

function changedServices(change: ConfigChange | null): ConfigChange['added'] {
  return change ? [...change.removed, ...change.changed, ...change.added] : [];
}
