import type { PlanReply, ServiceName } from '@kedge/shared/contracts';
import { counted, nameList } from '@kedge/shared/kernel';
import type { CliWithBus } from './cli.ts';
import type { ServiceEnding } from './core/followed-changes.ts';
import { followPlan, type PlanEnding } from './follow-plan.ts';
import { type Ending, showProgress, type Tell } from './terminal/progress.ts';
import { oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

interface ShownPlan {
  readonly title: string;
  /** Asks for the change, and says which services it is about. */
  readonly begin: (tell: (line: string) => void) => Promise<readonly ServiceName[]>;
  /** Services that are not waited for, because they cannot come before somebody makes room. */
  readonly blocked?: readonly ServiceName[];
  readonly timeoutMs: number;
  /** Nobody asked for new releases: a service is well when an older one is there again. */
  readonly asBefore?: boolean;
}

type Shown = PlanEnding & Ending;

/** Follows a change of several services to its end, shows how it goes, then how each of them ended. */
export async function showPlanProgress(cli: CliWithBus<'request' | 'follow'>, shown: ShownPlan): Promise<PlanEnding> {
  const { title, begin, blocked = [], timeoutMs, asBefore = false } = shown;
  const { bus, terminal, signal, pause } = cli;
  const work = async (tell: Tell): Promise<Shown> => {
    let left: readonly ServiceName[] = [];
    const beginWithout = async () => {
      const services = await begin(tell);
      left = services.filter((service) => blocked.includes(service));
      return services.filter((service) => !left.includes(service));
    };
    const followed = await followPlan({
      bus,
      begin: beginWithout,
      toldBeside: () => left,
      tell,
      signal,
      pause,
      now: terminal.now,
      timeoutMs,
      asBefore,
    });
    const ending = withBlocked(followed, left);
    return { ...ending, ok: ending.outcome === 'done', line: lineOf(ending) };
  };
  const { outcome, services } = await showProgress({ terminal, title, work });
  printServices(terminal, { outcome, services });
  return { outcome, services };
}

function withBlocked({ outcome, services }: PlanEnding, blocked: readonly ServiceName[]): PlanEnding {
  const endings = [...new Set(blocked)].map(
    (service): ServiceEnding => ({
      service,
      ok: false,
      line: `${service} waits for its place, which a container has that Kedge did not make`,
      lastLines: [],
      advice: `"kedge apply --adopt ${service}" lets it take that place.`,
    }),
  );
  return { outcome: endings.length > 0 && outcome === 'done' ? 'failed' : outcome, services: [...services, ...endings] };
}

/** The services that a plan is about. */
export function plannedServices({ changes }: Pick<PlanReply, 'changes'>): readonly ServiceName[] {
  return changes.map(({ service }) => service);
}

function lineOf({ outcome, services }: PlanEnding): string {
  const all = counted(services.length, 'service');
  const names = nameList(services.map(({ service }) => service));
  const bad = services.filter(({ ok }) => !ok).map(({ service }) => service);
  switch (outcome) {
    case 'done':
      return services.length === 0 ? 'Nothing had to be done.' : `${all} done: ${names}.`;
    case 'failed':
      return `${bad.length} of ${all} failed: ${nameList(bad)}.`;
    case 'timeout':
      return `${bad.length} of ${all} did not come to a good end in time: ${nameList(bad)}.`;
    case 'interrupted':
      return `Stopped watching; it goes on by itself${bad.length === 0 ? '' : `: ${nameList(bad)}`}.`;
    default:
      return outcome satisfies never;
  }
}

function printServices({ print, paint, isTerminal }: Terminal, { outcome, services }: PlanEnding): void {
  for (const { ok, line, lastLines, advice } of services) {
    // Elsewhere than on a terminal each good end was told when it came.
    if (ok && !isTerminal) continue;
    print(`  ${paint(ok ? 'good' : outcome === 'interrupted' ? 'dim' : 'bad', ok ? '+' : '-')} ${oneLine(line)}`);
    for (const each of lastLines) print(`      ${oneLine(each)}`);
    if (advice !== undefined) print(`    ${advice}`);
  }
}
