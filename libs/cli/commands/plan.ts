import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import { type CliWithBus, findService, parseService, type Register } from '../cli.ts';
import { restLine } from '../core/configuration-state.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { printPlan } from '../print-plan.ts';

interface PlanOptions {
  readonly service?: ServiceName | undefined;
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** `kedge plan`: changes nothing, and is true of the next pass only. */
export const register: Register = ({ program, run }) => {
  program
    .command('plan')
    .description('show what would be done next, removals first, and why')
    .argument('[service]', 'only this one', parseService)
    .option('--json', 'print the answer as JSON')
    .option('--exit-code', 'exit with 3 when there is something to do, or something stands in the way')
    .action(async (service: ServiceName | undefined, options: PlanOptions) => {
      await run(async (cli) => await showPlan(cli, { ...options, service }));
    });
};

/** Shows the plan; "nothing to do" is a result, and so is what stands in the way of a service. */
async function showPlan({ bus, terminal }: CliWithBus<'request'>, options: PlanOptions): Promise<ExitCode> {
  const { service, json = false, exitCode = false } = options;
  const plan = await bus.request('deploy.plan', service === undefined ? {} : { service });
  if (service !== undefined && plan.changes.length === 0) findService((await bus.request('status.services', {})).services, service);
  if (json) terminal.json(plan);
  else printPlan(terminal, plan, plan.problem === undefined ? undefined : restLine(await bus.request('status.services', {})));
  return exitCode && hasSomething(plan) ? exitCodes.attention : exitCodes.fine;
}

/** Something to do, or something in the way. */
function hasSomething({ changes, networks = [], missingNetworks = [], foreign = [], problem }: PlanReply): boolean {
  return changes.length + networks.length + missingNetworks.length + foreign.length > 0 || problem !== undefined;
}
