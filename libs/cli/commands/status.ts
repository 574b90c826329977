import type { ServiceName, ServiceStatus, StatusReply } from '@kedge/shared/contracts';
import { answerOrReason } from '../answer-or-reason.ts';
import { parseService } from '../arguments.ts';
import { askFolder } from '../ask-folder.ts';
import type { CliWithBus, Register } from '../cli.ts';
import type { CliBus } from '../connect.ts';
import { detailsOf } from '../core/service-details.ts';
import { withoutSkippedRuns } from '../core/skipped-runs.ts';
import { attentionOf } from '../core/status-problems.ts';
import { withUnread } from '../core/unread-folder.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { findService } from '../find-service.ts';
import { printStatus } from '../print-status.ts';
import { oneLine } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface StatusOptions {
  readonly service?: ServiceName | undefined;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly exitCode?: boolean;
}

const watchEveryMs = 2_000;

/** `kedge status`: with `--watch` it goes on when nobody answers. */
export const register: Register = ({ program, run }) => {
  program
    .command('status')
    .description('show what runs, and what needs attention')
    .argument('[service]', 'only this one', parseService)
    .option('--json', 'print the answer as JSON')
    .option('-w, --watch', 'show it again whenever it changes, until Ctrl-C')
    .option('--exit-code', 'exit with 3 when something needs attention')
    .addHelpText('after', columnsHelp)
    .action(async (service: ServiceName | undefined, options: StatusOptions) => {
      await run(async (cli) => await showStatus(cli, { ...options, service }));
    });
};

const columnsHelp = `
SINCE is when the release took over that serves, or that ran last: its containers may have been started again since then. READY counts
the containers that are ready, of those that are wanted. A terminal shows the columns that it has room for, and the
beginning of a long REASON: what needs attention is told whole below the table; with "kedge status <service>", in a pipe and with --json all of it is.`;

/** Shows the status once, or again and again. */
async function showStatus({ bus, terminal, signal, pause }: CliWithBus<'request'>, options: StatusOptions): Promise<ExitCode> {
  const first = await askAll(bus, options.service);
  print(terminal, { ...options, status: first });
  if (options.watch !== true) return options.exitCode === true && attentionOf(first).length > 0 ? exitCodes.attention : exitCodes.fine;

  let last = JSON.stringify(first);
  while (await pause(watchEveryMs, signal)) {
    const status = await answerOrReason(async () => await askAll(bus, options.service));
    if (typeof status === 'string') {
      terminal.note(status);
      continue;
    }
    // On a terminal the times move even when nothing else does.
    if (!terminal.isTerminal && JSON.stringify(status) === last) continue;
    last = JSON.stringify(status);
    terminal.clear();
    print(terminal, { ...options, status });
  }
  return exitCodes.interrupted;
}

interface Shown extends StatusOptions {
  readonly status: StatusReply;
}

/** What the watcher makes of the folder now is told by itself alone. */
async function askAll(bus: Pick<CliBus, 'request'>, service: ServiceName | undefined): Promise<StatusReply> {
  const [status, unread] = await Promise.all([askStatus(bus, service), askFolder(bus)]);
  return withUnread(status, unread);
}

/** Asks for one service, which tells more of it; for all of them only to find the nearest name. */
async function askStatus(bus: Pick<CliBus, 'request'>, service: ServiceName | undefined): Promise<StatusReply> {
  if (service === undefined) return await bus.request('status.services', {});
  const status = await bus.request('status.services', { service });
  const services = status.services.filter((each) => each.service === service);
  // A name that nobody knows is compared with all that are known.
  if (services.length === 0) findService((await bus.request('status.services', {})).services, service);
  return {
    ...status,
    services,
    foreign: status.foreign.filter((each) => each.service === service),
  };
}

function print(terminal: Terminal, { status, service, json = false, watch = false }: Shown): void {
  if (json) {
    terminal.json(status, { compact: watch });
    return;
  }
  const shown = withoutSkippedRuns(status);
  printStatus(terminal, shown);
  const [only] = shown.services;
  if (service !== undefined && only) printDetails(terminal, only);
}

/** What the table has no room for, when one service was asked for. */
function printDetails(terminal: Terminal, service: ServiceStatus): void {
  const details = detailsOf(service, terminal.now());
  const width = Math.max(...details.map(({ label }) => label.length));
  terminal.print();
  for (const { label, text } of details) terminal.print(`${terminal.paint('dim', label.padEnd(width))}  ${oneLine(text)}`);
  const { lastLines = [] } = service;
  if (lastLines.length === 0) return;
  terminal.print();
  terminal.print('The last lines of the container that failed:');
  for (const line of lastLines) terminal.print(`  ${oneLine(line)}`);
}
