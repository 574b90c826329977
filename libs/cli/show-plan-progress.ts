import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { counted } from './core/describe-problem.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { followPlan, type PlanEnding } from './follow-plan.ts';
import { type Ending, showProgress } from './terminal/progress.ts';
import { oneLine } from './terminal/table.ts';

interface ShownPlan {
  readonly title: string;
  /** Asks for the change, and says which services it is about. */
  readonly begin: () => Promise<readonly ServiceName[]>;
  /** Services that are not waited for, because they cannot come before somebody makes room. */
  readonly blocked?: readonly ServiceName[];
  readonly timeoutMs: number;
  /** Nothing is shown: the caller prints the ending for programs. */
  readonly json: boolean;
}

type Shown = PlanEnding & Ending;

/** Follows a change of several services to its end, shows how it goes, then how each of them ended. */
export async function showPlanProgress(
  bus: Pick<CliBus, 'request' | 'follow'>,
  { terminal, signal, pause }: Pick<Cli, 'terminal' | 'signal' | 'pause'>,
  { title, begin, blocked = [], timeoutMs, json }: ShownPlan,
): Promise<{ readonly ending: PlanEnding; readonly exitCode: ExitCode }> {
  const follow = async (tell: (line: string) => void): Promise<Shown> => {
    let left: readonly ServiceName[] = [];
    const beginWithout = async () => {
      const services = await begin();
      left = services.filter((service) => blocked.includes(service));
      return services.filter((service) => !left.includes(service));
    };
    const ending = withBlocked(await followPlan({ bus, begin: beginWithout, tell, signal, pause, timeoutMs }), left);
    return { ...ending, ok: ending.outcome === 'done', line: lineOf(ending) };
  };
  const ending = json ? await follow(() => undefined) : await showProgress(terminal, title, follow);
  if (!json) printServices(terminal, ending);
  return { ending: { outcome: ending.outcome, services: ending.services }, exitCode: exitCodeOf(ending) };
}

function withBlocked({ outcome, services }: PlanEnding, blocked: readonly ServiceName[]): PlanEnding {
  const endings = [...new Set(blocked)].map((service) => ({
    service,
    ok: false,
    line: `${service} waits for its place, which a container has that Kedge did not make`,
    lastLines: [],
    advice: `"kedge apply --adopt ${service}" lets it take that place.`,
  }));
  return { outcome: endings.length > 0 && outcome === 'done' ? 'failed' : outcome, services: [...services, ...endings] };
}

/** The services that a plan is about. */
export function plannedServices({ changes }: PlanReply): readonly ServiceName[] {
  return changes.map(({ service }) => service);
}

function lineOf({ outcome, services }: PlanEnding): string {
  const failed = services.filter(({ ok }) => !ok).length;
  switch (outcome) {
    case 'done':
      return services.length === 0 ? 'Nothing had to be done.' : `${counted(services.length, 'service')} done.`;
    case 'failed':
      return `${failed} of ${counted(services.length, 'service')} failed.`;
    case 'timeout':
      return `${failed} of ${counted(services.length, 'service')} did not come to a good end in time.`;
    case 'interrupted':
      return 'Stopped watching; it goes on by itself.';
    default:
      return outcome satisfies never;
  }
}

function exitCodeOf({ outcome }: PlanEnding): ExitCode {
  if (outcome === 'interrupted') return exitCodes.interrupted;
  return outcome === 'done' ? exitCodes.fine : exitCodes.failed;
}

function printServices({ print, paint, isTerminal }: Cli['terminal'], { outcome, services }: PlanEnding): void {
  for (const { ok, line, lastLines, advice } of services) {
    // Elsewhere than on a terminal each good end was told when it came.
    if (ok && !isTerminal) continue;
    print(`  ${paint(ok ? 'good' : outcome === 'interrupted' ? 'dim' : 'bad', ok ? '+' : '-')} ${oneLine(line)}`);
    for (const each of lastLines) print(`      ${oneLine(each)}`);
    if (advice !== undefined) print(`    ${advice}`);
  }
}
