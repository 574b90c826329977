import type { PlanReply, ServiceName, StatusReply } from '@kedge/shared/contracts';
import { parseService } from '../arguments.ts';
import { askFolder } from '../ask-folder.ts';
import { askPlan } from '../ask-plan.ts';
import type { CliWithBus, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { configurationState, restLine } from '../core/configuration-state.ts';
import { hasSomething } from '../core/describe-plan.ts';
import { heldMeaning, heldServices } from '../core/held-services.ts';
import { andUnread, withUnread } from '../core/unread-folder.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type FoundHeld, findHeld } from '../find-held.ts';
import { unknownService } from '../find-service.ts';
import { printHeld, printHeldOfOne } from '../held-configuration.ts';
import { printPlan, printPlanBeside } from '../print-plan.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { unlessSilent } from '../unless-silent.ts';

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
  const [asked, unread] = await Promise.all([askPlan(bus, service === undefined ? {} : { service }), askFolder(bus)]);
  const isUnplanned = service !== undefined && asked.changes.length === 0;
  const inTheWay = asked.problem !== undefined || unread !== null;
  const known = await findStatus(bus, { isUnplanned, inTheWay });
  const status = known && withUnread(known, unread);
  const plan = status ? besideUnread(asked, { status, unread }) : asked;
  const held = status && plan.problem !== undefined ? await findHeld(bus, status) : null;
  if (status && isUnplanned) expectDeclared(service, { status, held });
  const rest = status && plan.problem !== undefined ? restLine(status) : undefined;
  if (json) terminal.json(held ? { ...plan, held: { ...held.reply.held, ...heldServices(held) } } : plan);
  else if (held) printBesideHeld(terminal, { plan, service, ...held });
  else printPlan(terminal, plan, rest);
  return exitCode && hasSomething(plan) ? exitCodes.attention : exitCodes.fine;
}

interface Beside {
  readonly status: StatusReply;
  readonly unread: string | null;
}

/** Nothing is known of what the folder declares by now. */
function besideUnread(plan: PlanReply, { status: { config }, unread }: Beside): PlanReply {
  if (configurationState(config) === 'unread') return config.problem === null ? plan : { ...plan, problem: config.problem };
  return plan.problem === undefined || unread === null ? plan : { ...plan, problem: andUnread(plan.problem, unread) };
}

/** Whether an unknown service is one depends on it; beside a problem it only adds to the answer. Null where it is not needed, or not told. */
async function findStatus(
  bus: Pick<CliBus, 'request'>,
  { isUnplanned, inTheWay }: { readonly isUnplanned: boolean; readonly inTheWay: boolean },
): Promise<StatusReply | null> {
  const ask = async () => await bus.request('status.services', {});
  if (isUnplanned) return await ask();
  return inTheWay ? await unlessSilent(ask) : null;
}

/**
 * A service may be declared by what is held alone; where nobody tells what that declares, nobody knows.
 * @throws {TerminalError} SERVICE_UNKNOWN naming the nearest one
 */
function expectDeclared(service: ServiceName, { status, held }: { readonly status: StatusReply; readonly held: FoundHeld | null }): void {
  if (!held && configurationState(status.config) === 'held') return;
  const names = [...status.services.map((each) => each.service), ...(held?.reply.services ?? [])];
  if (!names.includes(service)) throw unknownService(service, [...new Set(names)]);
}

interface BesideHeld extends FoundHeld {
  readonly plan: PlanReply;
  readonly service: ServiceName | undefined;
}

function printBesideHeld(terminal: Terminal, { plan, service, reply, status }: BesideHeld): void {
  const isKnown = service === undefined || status.config.revision === null || status.services.some((each) => each.service === service);
  if (service === undefined) printHeld(terminal, { reply, status });
  else printHeldOfOne(terminal, { reply, service, meaning: heldMeaning(service, { ...reply.held, ...heldServices({ reply, status }) }) });
  terminal.print('"kedge apply" asks, and puts it in force.');
  printPlanBeside(
    terminal,
    plan,
    isKnown ? restLine(status) : `Nothing to do meanwhile: the configuration in force does not declare ${service}.`,
  );
}
