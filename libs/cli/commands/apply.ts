import type { PlanReply, ServiceName, ValidateReply } from '@kedge/shared/contracts';
import { errorCode, errorMessage, nameList } from '@kedge/shared/kernel';
import { parseService } from '../arguments.ts';
import { askOnce } from '../ask-once.ts';
import { askPlan } from '../ask-plan.ts';
import { askVerdict } from '../ask-verdict.ts';
import type { CliWithBus, Register } from '../cli.ts';
import { applyQuestion } from '../core/apply-question.ts';
import { blockedServices, chooseAdoptions } from '../core/choose-adoptions.ts';
import { summaryOf } from '../core/describe-plan.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printHeld, putHeldInForce } from '../held-configuration.ts';
import { patientBus } from '../patient-bus.ts';
import { printPlan, printPlanBeside } from '../print-plan.ts';
import { printVerdict } from '../print-verdict.ts';
import { requestAdoption } from '../request-adoption.ts';
import { plannedServices, showPlanProgress } from '../show-plan-progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { unlessSilent } from '../unless-silent.ts';
import { type WaitOptions, waitingAs, withWaitOptions } from '../waiting.ts';

interface ApplyOptions extends WaitOptions {
  readonly yes?: boolean;
  /** True: of every service that a container stands in the way of. */
  readonly adopt?: true | readonly ServiceName[];
}

/** `kedge apply`: what goes on by itself it only shows; with a yes it puts a held configuration in force, or gives a service its place. */
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
  const asking = patientBus({ ...cli, tell: say.note, timeoutMs: wait ? timeoutMs : 0 });
  const reply = await askVerdict(asking);
  // A held configuration is valid; it is not in force, and so not "ok" either.
  const { held } = reply;
  if (!reply.ok && !held) return refused(reply);
  const plan = wait ? await askPlan(asking) : await askPlanOnce(cli);
  const { changes = [], foreign = [] } = plan ?? {};
  const adoptions = adopt === undefined ? [] : chooseAdoptions(foreign, adopt === true ? [] : adopt);
  const blocked = blockedServices({ foreign }, adoptions);
  const status = held ? await unlessSilent(async () => await cli.bus.request('status.services', {})) : null;
  if (held) printHeld(say, { reply: { ...reply, held }, status });
  if (plan) printApart(say, { plan, besideHeld: held !== undefined });
  const told = { plan, ...(held && { held }), adopted: adoptions };

  const agree = async (question: string) => await askOnce(say, { question, yes, answer: answerFor(adopt) });
  const question = applyQuestion({ held, adopted: foreign.filter(({ service }) => adoptions.includes(service)) });
  if (question !== null) {
    printOthers(
      say,
      plannedServices({ changes }).filter((service) => ![...adoptions, ...blocked].includes(service)),
    );
    if (!(await agree(question))) return conclude({ outcome: 'refused', ...told, services: [] });
  }
  const taken = held ? await putHeldInForce(say, { held, status, asking, agree }) : null;
  if (taken?.kind === 'refused') return taken.reply ? refused(taken.reply) : conclude({ outcome: 'refused', ...told, services: [] });

  for (const service of wait ? [] : adoptions) await requestAdoption(cli, service);
  const isNothing = !held && adoptions.length === 0 && plan !== null && changes.length === 0;
  if (!wait || isNothing) return conclude({ outcome: isNothing ? 'done' : 'going', ...told, services: [] });
  const begin = async (tell: (line: string) => void) => {
    for (const service of adoptions) await requestAdoption(cli, service);
    const followed = taken ? await askPlan(patientBus({ ...cli, tell, timeoutMs })) : { changes };
    return [...(taken?.removes ?? []), ...adoptions, ...plannedServices(followed)];
  };
  return conclude({ ...(await showPlanProgress(cli, { title: 'apply', begin, blocked, timeoutMs })), ...told });
}

/** The command line that answers what this one asks. */
function answerFor(adopt: ApplyOptions['adopt']): string {
  return ['kedge apply --yes', ...(adopt === undefined ? [] : ['--adopt']), ...(adopt === undefined || adopt === true ? [] : adopt)].join(
    ' ',
  );
}

/** Null when the reconciler is away and nobody waits for it: what was agreed to does. */
async function askPlanOnce({ bus, terminal }: CliWithBus<'request'>): Promise<PlanReply | null> {
  try {
    return await askPlan(bus);
  } catch (thrown) {
    if (errorCode(thrown) !== 'REQUEST_UNANSWERED') throw thrown;
    terminal.note(`there is no plan to show, and nothing is waited for: ${errorMessage(thrown)}`);
    return null;
  }
}

/** Beside a held configuration the plan is that of the one in force, and usually empty. */
function printApart(terminal: Terminal, { plan, besideHeld }: { readonly plan: PlanReply; readonly besideHeld: boolean }): void {
  if (!besideHeld) printPlan(terminal, plan);
  else if (summaryOf(plan) !== null || (plan.foreign ?? []).length > 0) printPlanBeside(terminal, plan);
}

/** What a yes is not about. */
function printOthers(terminal: Terminal, services: readonly ServiceName[]): void {
  if (services.length > 0) terminal.print(`Goes on by itself, whatever is answered: ${nameList(services)}.`);
}
