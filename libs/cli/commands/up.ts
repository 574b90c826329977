import { randomUUID } from 'node:crypto';
import type { ServiceName } from '@kedge/shared/contracts';
import { parseDurationMs, RetryableError } from '@kedge/shared/kernel';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { showPlanProgress } from '../show-plan-progress.ts';

interface UpOptions {
  readonly wait?: boolean;
  readonly timeout?: string;
}

const lookEveryMs = 500;

export const register: Register = (program, cli, run) => {
  program
    .command('up')
    .description('start again what "kedge down" took down')
    .option('--no-wait', 'do not wait until it runs')
    .option('--timeout <duration>', 'how long to wait (default: 5m)')
    .action(async (options: UpOptions) => {
      await run(async (bus) => await bringUp(bus, cli, options));
    });
};

/** Says that everything may run again, and waits until it does. */
async function bringUp(
  bus: Pick<CliBus, 'request' | 'publish' | 'follow'>,
  cli: Cli,
  { wait = true, timeout = '5m' }: UpOptions,
): Promise<ExitCode> {
  const { terminal, actor } = cli;
  const timeoutMs = parseDurationMs(timeout);
  const before = await bus.request('status.services', {});
  if (!before.down) {
    terminal.print('Nothing to do: nothing was taken down.');
    return exitCodes.fine;
  }
  const ask = async () => await bus.publish('node.requested', { action: 'up' }, { id: `node.requested/${randomUUID()}`, actor });
  if (!wait) {
    await ask();
    terminal.print('Asked to start everything again; "kedge status" shows how far it is.');
    return exitCodes.fine;
  }
  const begin = async () => {
    await ask();
    return await waitUntilUp(bus, cli, timeoutMs);
  };
  return (await showPlanProgress(bus, cli, { title: 'up', begin, timeoutMs, json: false })).exitCode;
}

/**
 * The services, as soon as the reconciler has taken up that they may run: before that each of them is at rest. When nobody waits any more,
 * as they are.
 */
async function waitUntilUp(
  bus: Pick<CliBus, 'request'>,
  { signal, pause }: Pick<Cli, 'signal' | 'pause'>,
  timeoutMs: number,
): Promise<readonly ServiceName[]> {
  const begunAt = performance.now();
  for (;;) {
    const { down, services } = await bus.request('status.services', {});
    const isOver = !down || !(await pause(lookEveryMs, signal));
    if (isOver) return services.map(({ service }) => service);
    if (performance.now() - begunAt >= timeoutMs) {
      throw new RetryableError(
        'STILL_DOWN',
        'the reconciler has not taken up yet that everything may run again; the request waits for it in the stream, "kedge status" shows when it does',
      );
    }
  }
}
