import type { ServiceName } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import type { CliWithBus } from './cli.ts';
import type { ServiceEnding } from './core/followed-changes.ts';
import type { Outcome } from './outcome.ts';
import { requestAdoption } from './request-adoption.ts';
import { showPlanProgress } from './show-plan-progress.ts';

interface HandOver {
  /** In the order in which they go over. */
  readonly services: readonly ServiceName[];
  /** For each of them. */
  readonly timeoutMs: number;
}

/** How far the hand-over came. */
export interface HandedOver {
  readonly state: 'done' | 'stopped';
  readonly handedOver: readonly ServiceEnding[];
  /** Those that stay as they are, because one before them failed. */
  readonly left: readonly ServiceName[];
  readonly outcome: Outcome;
}

/** Hands over one service after the other: the next begins when the one before has come to a good end. */
export async function handOver(cli: CliWithBus<'request' | 'publish' | 'follow'>, { services, timeoutMs }: HandOver): Promise<HandedOver> {
  const { terminal } = cli;
  const handedOver: ServiceEnding[] = [];
  let outcome: Outcome = 'done';
  for (const service of services) {
    const begin = async () => {
      await requestAdoption(cli, service);
      return [service];
    };
    const ending = await showPlanProgress(cli, { title: `hand over ${service}`, begin, timeoutMs });
    handedOver.push(...ending.services);
    outcome = ending.outcome;
    if (outcome !== 'done') break;
  }
  const left = services.slice(handedOver.length);
  if (outcome === 'done') terminal.print(`Handed over: ${nameList(services)}. The folder is Kedge's now.`);
  else if (left.length > 0)
    terminal.print(
      `Stopped there: ${nameList(left)} ${left.length === 1 ? 'stays as it is' : 'stay as they are'}; say it again when that is mended.`,
    );
  return { state: outcome === 'done' ? 'done' : 'stopped', handedOver, left, outcome };
}
