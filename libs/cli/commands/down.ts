import { randomUUID } from 'node:crypto';
import type { StatusReply } from '@kedge/shared/contracts';
import { errorMessage, parseDurationMs } from '@kedge/shared/kernel';
import { askOnce } from '../ask-once.ts';
import type { Cli, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { counted } from '../core/describe-problem.ts';
import { leftToRemove } from '../core/left-to-remove.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Ending, showProgress } from '../terminal/progress.ts';
import { formatDuration, relativeTime } from '../terminal/relative-time.ts';

interface DownOptions {
  readonly yes?: boolean;
  readonly reason?: string;
  readonly wait?: boolean;
  readonly timeout?: string;
}

const lookEveryMs = 1_000;
const stillHere =
  'Kedge itself still runs, and starts nothing before "kedge up"; "docker compose down" in its folder ends it. Images and volumes stay.';

export const register: Register = (program, cli, run) => {
  program
    .command('down')
    .description('stop and remove the containers of every service (also: kedge --signal stop)')
    .option('-y, --yes', 'do not ask')
    .option('--reason <text>', 'why, for whoever looks at the status')
    .option('--no-wait', 'do not wait until they are gone')
    .option('--timeout <duration>', 'how long to wait (default: 5m)')
    .action(async (options: DownOptions) => {
      await run(async (bus) => await takeDown(bus, cli, options));
    });
};

/** Shows what would go, asks once, says it, and waits until the engine has none of it. */
async function takeDown(
  bus: Pick<CliBus, 'request' | 'publish'>,
  cli: Cli,
  { yes = false, reason, wait = true, timeout = '5m' }: DownOptions,
): Promise<ExitCode> {
  const { terminal, actor } = cli;
  const timeoutMs = parseDurationMs(timeout);
  const before = await bus.request('status.services', {});
  const left = leftToRemove(before);
  if (before.down && left.length === 0) {
    terminal.print(`Nothing to do: everything is down since ${relativeTime(before.down.since, terminal.now())}. ${stillHere}`);
    return exitCodes.fine;
  }
  terminal.print(left.length === 0 ? `Nothing runs on node ${before.node}.` : `Stops and removes on node ${before.node}:`);
  for (const service of left) terminal.print(`  ${terminal.paint('bad', '-')} ${terminal.paint('bad', service)}`);
  const question = `Take ${left.length === 0 ? 'everything' : counted(left.length, 'service')} down?`;
  if (!(await askOnce(terminal, { question, yes, answer: 'kedge down --yes' }))) return exitCodes.failed;

  const data = { action: 'down' as const, ...(reason === undefined ? {} : { reason }) };
  await bus.publish('node.requested', data, { id: `node.requested/${randomUUID()}`, actor });
  if (!wait) {
    terminal.print(`Asked to take everything down; "kedge status" shows how far it is. ${stillHere}`);
    return exitCodes.fine;
  }
  const ending = await showProgress(terminal, 'down', async (tell) => await waitUntilDown(bus, cli, { tell, timeoutMs }));
  return ending.exitCode;
}

type DownEnding = Ending & { readonly exitCode: ExitCode };

interface Waiting {
  readonly tell: (line: string) => void;
  readonly timeoutMs: number;
}

async function waitUntilDown(
  bus: Pick<CliBus, 'request'>,
  { signal, pause }: Pick<Cli, 'signal' | 'pause'>,
  { tell, timeoutMs }: Waiting,
): Promise<DownEnding> {
  const begunAt = performance.now();
  for (;;) {
    const looked = await look(bus);
    if (typeof looked === 'string') tell(looked);
    else if (looked.down && leftToRemove(looked).length === 0) {
      return { ok: true, exitCode: exitCodes.fine, line: `Everything is down. ${stillHere}` };
    } else tell(looked.down ? `removing ${leftToRemove(looked).join(', ')}` : 'asked');
    if (performance.now() - begunAt >= timeoutMs) {
      const line = `Not everything is down after ${formatDuration(timeoutMs)}; it goes on by itself, "kedge status" shows how far it is`;
      return { ok: false, exitCode: exitCodes.failed, line };
    }
    if (!(await pause(lookEveryMs, signal))) {
      return { ok: false, exitCode: exitCodes.interrupted, line: 'stopped watching; it goes on by itself' };
    }
  }
}

async function look(bus: Pick<CliBus, 'request'>): Promise<StatusReply | string> {
  try {
    return await bus.request('status.services', {});
  } catch (thrown) {
    return errorMessage(thrown);
  }
}
