import type { PlanReply, ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { errorCode, errorMessage, parseDurationMs } from '@kedge/shared/kernel';
import { askOnce } from '../ask-once.ts';
import { type Cli, parseService, type Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { blockedServices, chooseAdoptions } from '../core/choose-adoptions.ts';
import { summaryOf } from '../core/describe-plan.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { printPlan } from '../print-plan.ts';
import { printVerdict } from '../print-verdict.ts';
import { putInForce } from '../put-in-force.ts';
import { requestAdoption } from '../request-adoption.ts';
import { plannedServices, showPlanProgress } from '../show-plan-progress.ts';
import { relativeTime } from '../terminal/relative-time.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { validateTimeoutMs } from './validate.ts';

type Held = NonNullable<ValidateReply['held']>;

interface ApplyOptions {
  readonly yes?: boolean;
  /** True: of every service that a container stands in the way of. */
  readonly adopt?: true | readonly ServiceName[];
  readonly wait?: boolean;
  readonly timeout?: string;
}

export const register: Register = (program, cli, run) => {
  program
    .command('apply')
    .description('show the plan, ask about what needs a yes (a held configuration, --adopt), and wait for the end')
    .option('-y, --yes', 'do not ask')
    .option('--adopt [service...]', 'let services take the place of containers that Kedge did not make (default: all)', collectService)
    .option('--no-wait', 'do not wait for the end')
    .option('--timeout <duration>', 'how long to wait (default: 5m)')
    .action(async (options: ApplyOptions) => {
      await run(async (bus) => await apply(bus, cli, options));
    });
};

function collectService(text: string, before: ApplyOptions['adopt']): readonly ServiceName[] {
  return [...(before === undefined || before === true ? [] : before), parseService(text)];
}

/** Shows what would be done, asks once about what needs a yes, does exactly that, and waits until it is done. */
async function apply(
  bus: Pick<CliBus, 'request' | 'publish' | 'follow'>,
  cli: Cli,
  { yes = false, adopt, wait = true, timeout = '5m' }: ApplyOptions,
): Promise<ExitCode> {
  const { terminal } = cli;
  const timeoutMs = parseDurationMs(timeout);
  let reply = await bus.request('config.validate', {}, { timeoutMs: validateTimeoutMs });
  // A held configuration is valid; it is not in force, and so not "ok" either.
  const { held } = reply;
  if (!reply.ok && !held) {
    printVerdict(terminal, reply);
    return exitCodes.failed;
  }
  const plan = await askPlan(bus, terminal);
  const adoptions = adopt === undefined ? [] : chooseAdoptions(plan?.foreign ?? [], adopt === true ? [] : adopt);
  if (held) printHeld(terminal, held);
  if (plan) printApart(terminal, plan, held !== undefined);

  const needsYes = [...(held ? [heldQuestion(held)] : []), ...(adoptions.length === 0 ? [] : [adoptQuestion(adoptions)])];
  const agree = async (question: string) => await askOnce(terminal, { question, yes, answer: 'kedge apply --yes' });
  if (needsYes.length > 0 && !(await agree(sentence(needsYes)))) return exitCodes.failed;

  if (held) {
    const inForce = await putInForce(bus, held, async (newer) => {
      terminal.print('The folder changed meanwhile, and nothing was put in force yet.');
      printHeld(terminal, newer);
      return await agree(sentence([heldQuestion(newer)]));
    });
    if (inForce === null) return exitCodes.failed;
    reply = inForce;
    if (!reply.ok) {
      printVerdict(terminal, reply);
      return exitCodes.failed;
    }
    terminal.print(`In force: ${reply.services.length === 0 ? 'no service is declared any more' : reply.services.join(', ')}.`);
  }

  for (const service of wait ? [] : adoptions) await requestAdoption(bus, cli, service);
  if (!wait || !plan || (!held && adoptions.length === 0 && plan.changes.length === 0)) return exitCodes.fine;
  const begin = async () => {
    for (const service of adoptions) await requestAdoption(bus, cli, service);
    return [...adoptions, ...plannedServices(held ? await bus.request('deploy.plan', {}) : plan)];
  };
  return (await showPlanProgress(bus, cli, { title: 'apply', begin, blocked: blockedServices(plan, adoptions), timeoutMs, json: false }))
    .exitCode;
}

/** Null when the reconciler is away: what was agreed to waits for it. */
async function askPlan(bus: Pick<CliBus, 'request'>, terminal: Terminal): Promise<PlanReply | null> {
  try {
    return await bus.request('deploy.plan', {});
  } catch (thrown) {
    if (errorCode(thrown) !== 'REQUEST_UNANSWERED') throw thrown;
    terminal.note(`there is no plan to show, and nothing is waited for: ${errorMessage(thrown)}`);
    return null;
  }
}

/** Beside a held configuration the plan is that of the one in force, and usually empty. */
function printApart(terminal: Terminal, plan: PlanReply, besideHeld: boolean): void {
  if (!besideHeld) {
    printPlan(terminal, plan);
    return;
  }
  if (summaryOf(plan) === null && (plan.foreign ?? []).length === 0) return;
  terminal.print('Of the configuration in force:');
  const { problem: _heldItself, ...rest } = plan;
  printPlan(terminal, rest);
}

function printHeld({ print, paint, now }: Terminal, { since, removes }: Held): void {
  print(
    `Held since ${relativeTime(since, now())}: the configuration in the folder no longer declares these services, and would remove them:`,
  );
  for (const service of removes) print(`  ${paint('bad', '-')} ${paint('bad', service)}`);
}

function heldQuestion({ removes }: Held): string {
  return `remove ${removes.length} and put the configuration in force`;
}

function adoptQuestion(services: readonly ServiceName[]): string {
  return `let ${services.join(', ')} take the place of what Kedge did not make`;
}

function sentence(parts: readonly string[]): string {
  const text = parts.join(', and ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}?`;
}
