import type { ServiceName, StatusReply, ValidateReply } from '@kedge/shared/contracts';
import { nameList, RetryableError } from '@kedge/shared/kernel';
import type { CliWithBus } from './cli.ts';
import { describeChange } from './core/describe-change.ts';
import { describeDoors } from './core/describe-doors.ts';
import type { ExitCode } from './exit-codes.ts';
import { Interrupted } from './interrupted.ts';
import { patientBus } from './patient-bus.ts';
import { printStatus } from './print-status.ts';
import { printVerdict } from './print-verdict.ts';
import { putInForce } from './put-in-force.ts';
import { requestNode } from './request-node.ts';
import { showPlanProgress } from './show-plan-progress.ts';
import { takeUpChange } from './take-up-change.ts';
import type { Tell } from './terminal/progress.ts';
import { waitForStatus } from './wait-for-status.ts';
import { type WaitOptions, waitingAs } from './waiting.ts';

interface DevOptions extends WaitOptions {
  readonly only: readonly string[];
}

type DevCli = CliWithBus<'request' | 'publish' | 'follow' | 'recent'>;

/** Waits until the services of the stack that was just started run, and shows them. Ctrl-C ends the waiting, and says what goes on. */
export async function followDev(given: DevCli, options: DevOptions): Promise<ExitCode> {
  try {
    return await follow(given, options);
  } catch (thrown) {
    if (thrown instanceof Interrupted) sayWhatGoesOn(given);
    throw thrown;
  }
}

function sayWhatGoesOn({ terminal }: Pick<DevCli, 'terminal'>): void {
  terminal.note('The stack runs on: "kedge --dev status" shows what it does, "kedge dev --down" ends it.');
}

async function follow(given: DevCli, { only, ...options }: DevOptions): Promise<ExitCode> {
  const { cli, say, wait, timeoutMs, conclude } = waitingAs(given, options);
  const { proxyPort, httpsPort } = cli;
  const told = { only, proxyPort, ...(httpsPort === undefined ? {} : { httpsPort }) };
  const asking = patientBus({ ...cli, tell: say.note, timeoutMs: wait ? timeoutMs : 0 });
  // What was taken down with "kedge --dev down" is wanted again.
  if ((await asking.request('status.services', {})).down) await requestNode(cli, { action: 'up' });
  // Whoever names services has said that the others shall go.
  const release = async (reply: ValidateReply) => await releaseHeld({ bus: asking, terminal: say }, reply);
  const taken = await takeUpChange({ ...cli, bus: { ...cli.bus, ...asking } }, release);
  if (taken.kind === 'interrupted') {
    sayWhatGoesOn(given);
    return conclude({ outcome: 'interrupted', ...told, services: [] });
  }
  if (taken.kind === 'refused') {
    const { ok: _ok, services: _declared, ...verdict } = taken.reply;
    printVerdict(say, { reply: taken.reply });
    return conclude({ outcome: 'refused', ...told, ...verdict, services: [] });
  }

  const { change, reply, services, others, blocked } = taken;
  if (change) say.print(`In force: ${describeChange(change)}.`);
  if (!wait) return conclude({ outcome: 'going', ...told, services: [] });
  const begin = async (tell: Tell) => {
    const known = await waitUntilKnown(cli, { services: reply.services, tell, timeoutMs });
    return [...new Set([...services, ...others, ...known])];
  };
  const ending = await showPlanProgress(cli, { title: 'dev', begin, blocked, timeoutMs });
  const status = await asking.request('status.services', {});
  say.print();
  printStatus(say, status);
  say.print();
  const doors = describeDoors(
    status.services.flatMap(({ routes }) => routes),
    { proxyPort, httpsPort, declared: status.doors },
  );
  say.print(`${doors}${doors && ' '}"kedge --dev" before any command asks this stack, "kedge dev --down" ends it.`);
  return conclude({ ...ending, ...told, status });
}

async function releaseHeld(
  { bus, terminal }: Pick<CliWithBus<'request'>, 'bus' | 'terminal'>,
  reply: ValidateReply,
): Promise<ValidateReply> {
  if (!reply.held) return reply;
  terminal.print(`No longer wanted: ${nameList(reply.held.removes)}.`);
  return (await putInForce(bus, { agreed: reply.held, agree: async () => true })) ?? reply;
}

interface Expected {
  readonly services: readonly ServiceName[];
  readonly tell: Tell;
  readonly timeoutMs: number;
}

/**
 * These services as far as the reconciler lists them, and that is all of them unless nobody waits any more. One that it does not list yet
 * looks like one that it has removed.
 */
async function waitUntilKnown(cli: CliWithBus<'request'>, { services, ...watch }: Expected): Promise<readonly ServiceName[]> {
  const knownOf = ({ services: listed }: StatusReply) => services.filter((service) => listed.some((each) => each.service === service));
  const isThere = (status: StatusReply) => !status.down && knownOf(status).length === services.length;
  return knownOf(await waitForStatus(cli, { ...watch, isThere, late: notTakenUp }));
}

function notTakenUp(): RetryableError {
  return new RetryableError(
    'NOT_TAKEN_UP',
    'the reconciler of this stack does not know these services yet; "kedge --dev status" and "kedge --dev doctor" say more',
  );
}
