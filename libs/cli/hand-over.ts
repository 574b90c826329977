import type { ServiceName } from '@kedge/shared/contracts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { ServiceEnding } from './follow-plan.ts';
import { requestAdoption } from './request-adoption.ts';
import { showPlanProgress } from './show-plan-progress.ts';

interface HandOver {
  readonly bus: Pick<CliBus, 'request' | 'publish' | 'follow'>;
  /** In the order in which they go over. */
  readonly services: readonly ServiceName[];
  /** For each of them. */
  readonly timeoutMs: number;
  readonly json: boolean;
  /** What a program is told besides. */
  readonly found: object;
}

/** Hands over one service after the other: the next begins when the one before has come to a good end. */
export async function handOver(cli: Cli, { bus, services, timeoutMs, json, found }: HandOver): Promise<ExitCode> {
  const { terminal } = cli;
  const handedOver: ServiceEnding[] = [];
  let exitCode: ExitCode = exitCodes.fine;
  for (const service of services) {
    const begin = async () => {
      await requestAdoption(bus, cli, service);
      return [service];
    };
    const shown = await showPlanProgress(bus, cli, { title: `hand over ${service}`, begin, timeoutMs, json });
    handedOver.push(...shown.ending.services);
    exitCode = shown.exitCode;
    if (exitCode !== exitCodes.fine) break;
  }
  const left = services.slice(handedOver.length);
  if (json) terminal.json({ ...found, state: exitCode === exitCodes.fine ? 'done' : 'stopped', handedOver, left });
  else if (exitCode === exitCodes.fine) terminal.print(`Handed over: ${services.join(', ')}. The folder is Kedge's now.`);
  else if (left.length > 0) terminal.print(`Stopped there: ${left.join(', ')} stay as they are; say it again when that is mended.`);
  return exitCode;
}
