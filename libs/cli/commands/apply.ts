import type { PlanReply, ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { errorCode, errorMessage } from '@kedge/shared/kernel';
import { askOnce } from '../ask-once.ts';
import { askVerdict } from '../ask-verdict.ts';
import { type CliWithBus, parseService, type Register } from '../cli.ts';
import { blockedServices, chooseAdoptions } from '../core/choose-adoptions.ts';
import { summaryOf } from '../core/describe-plan.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printPlan } from '../print-plan.ts';
import { printVerdict } from '../print-verdict.ts';
import { putInForce } from '../put-in-force.ts';
import { requestAdoption } from '../request-adoption.ts';
import { plannedServices, showPlanProgress } from '../show-plan-progress.ts';
import { relativeTime } from '../terminal/relative-time.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type WaitOptions, waitingAs, withWaitOptions } from '../waiting.ts';

type Held = NonNullable<ValidateReply['held']>;

interface ApplyOptions extends WaitOptions {
  readonly yes?: boolean;
  /** True: of every service that a container stands in the way of. */
  readonly adopt?: true | readonly ServiceName[];
}

export const register: Register = ({ program, run }) => {
  const command = program
    .command('apply')
    .description('show the plan, ask about what needs a yes (a held configuration, --adopt), and wait for the end')
    .option('-y, --yes', 'do not ask')
    .option('--adopt [service...]', 'let services take the place of containers that Kedge did not make (default: all)', collectService);
  withWaitOptions(command, { noWait: 'do not wait for the end' }).action(async (options: ApplyOptions) => {
    await run(async (cli) => await apply(cli, options));
  });
};

function collectService(text: string, before: ApplyOptions['adopt']): readonly ServiceName[] {
  return [...(before === undefined || before === true ? [] : before), parseService(text)];
}

/** Shows what would be done, asks once about what needs a yes, does exactly that, and waits until it is done. */
async function apply(given: CliWithBus<'request' | 'publish' | 'follow'>, options: ApplyOptions): Promise<ExitCode> {
  const { cli, say, wait, timeoutMs, conclude } = waitingAs(given, options);
  const { yes = false, adopt } = options;
  const refused = (reply: ValidateReply) => {
    printVerdict(say, { reply });
    const { ok: _ok, services: _declared, ...verdict } = reply;
    return conclude({ outcome: 'refused', ...verdict, services: [] });
  };
  const reply = await askVerdict(cli.bus);
  // A held configuration is valid; it is not in force, and so not "ok" either.
  const { held } = reply;
  if (!reply.ok && !held) return refused(reply);
  const plan = await askPlan(cli);
  const adoptions = adopt === undefined ? [] : chooseAdoptions(plan?.foreign ?? [], adopt === true ? [] : adopt);
  if (held) printHeld(say, held);
  if (plan) printApart(say, { plan, besideHeld: held !== undefined });
  const told = { plan, ...(held && { held }), adopted: adoptions };

  const needsYes = [...(held ? [heldQuestion(held)] : []), ...(adoptions.length === 0 ? [] : [adoptQuestion(adoptions)])];
  const agree = async (question: string) => await askOnce(say, { question, yes, answer: 'kedge apply --yes' });
  if (needsYes.length > 0 && !(await agree(sentence(needsYes)))) return conclude({ outcome: 'refused', ...told, services: [] });

  if (held) {
    const agreeToNewer = async (newer: Held) => {
      say.print('The folder changed meanwhile, and nothing was put in force yet.');
      printHeld(say, newer);
      return await agree(sentence([heldQuestion(newer)]));
    };
    const inForce = await putInForce(cli.bus, { agreed: held, agree: agreeToNewer });
    if (inForce === null) return conclude({ outcome: 'refused', ...told, services: [] });
    if (!inForce.ok) return refused(inForce);
    say.print(`In force: ${inForce.services.length === 0 ? 'no service is declared any more' : inForce.services.join(', ')}.`);
  }

  for (const service of wait ? [] : adoptions) await requestAdoption(cli, service);
  const isNothing = !held && adoptions.length === 0 && plan?.changes.length === 0;
  if (!wait || !plan || isNothing) return conclude({ outcome: isNothing ? 'done' : 'going', ...told, services: [] });
  const begin = async () => {
    for (const service of adoptions) await requestAdoption(cli, service);
    return [...adoptions, ...plannedServices(held ? await cli.bus.request('deploy.plan', {}) : plan)];
  };
  const blocked = blockedServices(plan, adoptions);
  return conclude({ ...(await showPlanProgress(cli, { title: 'apply', begin, blocked, timeoutMs })), ...told });
}

/** Null when the reconciler is away: what was agreed to waits for it. */
async function askPlan({ bus, terminal }: CliWithBus<'request'>): Promise<PlanReply | null> {
  try {
    return await bus.request('deploy.plan', {});
  } catch (thrown) {
    if (errorCode(thrown) !== 'REQUEST_UNANSWERED') throw thrown;
    terminal.note(`there is no plan to show, and nothing is waited for: ${errorMessage(thrown)}`);
    return null;
  }
}

/** Beside a held configuration the plan is that of the one in force, and usually empty. */
function printApart(terminal: Terminal, { plan, besideHeld }: { readonly plan: PlanReply; readonly besideHeld: boolean }): void {
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
