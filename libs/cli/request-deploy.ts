import { randomUUID } from 'node:crypto';
import type { CloudEvent, DataOf, ServiceName, ServiceStatus } from '@kedge/shared/contracts';
import { errorCode, TerminalError } from '@kedge/shared/kernel';
import type { CliWithBus } from './cli.ts';
import { obstacleWords } from './core/obstacle-words.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { findService } from './find-service.ts';
import { type DeployEnding, followDeploy } from './follow-deploy.ts';
import { showProgress } from './terminal/progress.ts';
import { oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';
import { defaultTimeoutMs, type WaitOptions } from './waiting.ts';

/** As the command line of `deploy` and `clear` says them. */
export interface DeployOptions extends Pick<WaitOptions, 'timeout' | 'wait' | 'json'> {
  readonly service: ServiceName;
  readonly action: NonNullable<DataOf<'deploy.requested'>['action']>;
  readonly reason?: string;
}

/** Asks for a deploy, or for the bars of a service to be lifted; with `wait`, shows how it goes and ends as it ends. */
export async function requestDeploy(cli: CliWithBus<'request' | 'publish' | 'follow'>, options: DeployOptions): Promise<ExitCode> {
  const { bus, terminal, signal, pause, actor } = cli;
  const { service, action, reason, wait = false, timeout: timeoutMs = defaultTimeoutMs, json = false } = options;
  const status = await refuseHopeless(cli, service);
  if (action === 'clear' && status?.barred.length === 0) return nothingBarred(terminal, { status, json });
  const id = `deploy.requested/${randomUUID()}`;
  const ask = async () =>
    await bus.publish('deploy.requested', { service, action, ...(reason === undefined ? {} : { reason }) }, { id, service, actor });

  if (!wait) {
    if (options.timeout !== undefined) terminal.note('--timeout has no effect without --wait');
    await ask();
    if (json) terminal.json({ service, action, id, ...(status ? {} : { message: nobodyChecked }) }, { compact: true });
    else terminal.print(`Asked to ${action} ${service}; "kedge events --service ${service}" shows what comes of it.`);
    return exitCodes.fine;
  }

  const heard = (event: CloudEvent) => {
    if (json) terminal.json(event, { compact: true });
  };
  const follow = async (tell: (line: string) => void) =>
    await followDeploy({ bus, service, action, ask, tell, heard, signal, pause, now: terminal.now, timeoutMs });
  const ending = json ? await follow(() => undefined) : await showProgress({ terminal, title: `${action} ${service}`, work: follow });
  if (json) terminal.json({ service, outcome: ending.outcome, message: ending.line }, { compact: true });
  else printAfterword(terminal, { ...ending, service });
  return ending.outcome === 'interrupted' ? exitCodes.interrupted : ending.ok ? exitCodes.fine : exitCodes.failed;
}

/** Nobody knows whether there is such a service. */
const nobodyChecked = 'the reconciler does not answer; the request waits for it in the stream';

/**
 * A request for a service that nobody declared, or while everything is down, would be dropped in silence; one that nobody can check waits
 * in the stream, and null is what is known of its service.
 * @throws {TerminalError} SERVICE_UNKNOWN, NODE_DOWN
 */
async function refuseHopeless({ bus, terminal }: CliWithBus<'request'>, service: ServiceName): Promise<ServiceStatus | null> {
  try {
    const { services, down } = await bus.request('status.services', {});
    const found = findService(services, service);
    if (down)
      throw new TerminalError('NODE_DOWN', `nothing is started while everything is down (since ${down.since}); "kedge up" starts it again`);
    return found;
  } catch (thrown) {
    if (errorCode(thrown) !== 'REQUEST_UNANSWERED') throw thrown;
    terminal.note(nobodyChecked);
    return null;
  }
}

interface NothingBarred {
  readonly status: ServiceStatus;
  readonly json: boolean;
}

/** What only waits is not barred: it is tried again by itself, and at once when somebody asks for that. */
function nothingBarred(terminal: Terminal, { status: { service, waiting }, json }: NothingBarred): ExitCode {
  const retry = waiting ? ` It waits: ${obstacleWords(waiting)}; "kedge deploy ${service}" tries again now.` : '';
  const message = `Nothing to clear: no release of ${service} is barred.${retry}`;
  if (json) terminal.json({ service, outcome: 'nothing', message }, { compact: true });
  else terminal.print(oneLine(message));
  return exitCodes.fine;
}

function printAfterword(terminal: Terminal, { service, lastLines, advice }: DeployEnding & Pick<DeployOptions, 'service'>): void {
  if (lastLines.length > 0) {
    terminal.print();
    terminal.print(`The last lines of ${service}:`);
    for (const line of lastLines) terminal.print(`  ${oneLine(line)}`);
  }
  if (advice !== undefined) terminal.print(advice);
}
