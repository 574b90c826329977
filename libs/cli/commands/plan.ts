import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import { type Cli, findService, parseService, type Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Tone } from '../terminal/style.ts';
import { oneLine } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PlanOptions {
  readonly service?: ServiceName | undefined;
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

export const register: Register = (program, cli, run) => {
  program
    .command('plan')
    .description('show what would be done next, removals included, and why')
    .argument('[service]', 'only this one', parseService)
    .option('--json', 'print the answer as JSON')
    .option('--exit-code', 'exit with 3 when there is something to do, or something stands in the way')
    .action(async (service: ServiceName | undefined, options: PlanOptions) => {
      await run(async (bus) => await showPlan(bus, cli, { ...options, service }));
    });
};

/** Shows the plan; "nothing to do" is a result, and so is what stands in the way of a service. */
async function showPlan(
  bus: Pick<CliBus, 'request'>,
  { terminal }: Pick<Cli, 'terminal'>,
  { service, json = false, exitCode = false }: PlanOptions,
): Promise<ExitCode> {
  const plan = await bus.request('deploy.plan', service === undefined ? {} : { service });
  if (service !== undefined && plan.changes.length === 0) findService((await bus.request('status.services', {})).services, service);
  if (json) terminal.json(plan);
  else printForPeople(terminal, plan);
  return exitCode && (plan.changes.length > 0 || plan.problem !== undefined) ? exitCodes.attention : exitCodes.fine;
}

function printForPeople({ print, paint }: Terminal, { changes, problem: newest }: PlanReply): void {
  if (newest !== undefined) print(paint('warning', newest));
  if (changes.length === 0) print('Nothing to do.');
  for (const { service, action, strategy, reason, steps, problem } of changes) {
    const how = strategy === 'stop-first' ? paint('warning', ', stop-first: it is away for a moment') : '';
    print(`${paint('strong', service)}: ${paint(tones[action], action)}${how} (${reason})`);
    for (const [index, step] of steps.entries()) print(`  ${index + 1}. ${step}`);
    if (problem) print(paint('bad', `  in the way: ${oneLine(problem.message)} (${problem.code})`));
  }
}

const tones: Readonly<Record<PlanReply['changes'][number]['action'], Tone>> = {
  create: 'good',
  roll: 'busy',
  restart: 'warning',
  repair: 'warning',
  remove: 'bad',
};
