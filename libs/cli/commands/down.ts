import type { NodeName } from '@kedge/shared/contracts';
import { counted, nameList } from '@kedge/shared/kernel';
import { answerOrReason } from '../answer-or-reason.ts';
import { askOnce } from '../ask-once.ts';
import type { CliWithBus, Register } from '../cli.ts';
import { leftToRemove } from '../core/left-to-remove.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { patientBus } from '../patient-bus.ts';
import { requestNode } from '../request-node.ts';
import { type Ending, showProgress } from '../terminal/progress.ts';
import { formatDuration, relativeTime } from '../terminal/relative-time.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type WaitOptions, waitingAs, withWaitOptions } from '../waiting.ts';

interface DownOptions extends WaitOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

const lookEveryMs = 1_000;
const stillHere = 'Kedge itself still runs, and starts nothing before "kedge up"; "docker compose down" in its folder ends it.';
/** As `npm stop` says it; which of them there are only the engine knows. */
const whatStays = (node: NodeName) => [
  'Volumes, images and the default network stay; networks of [[network]] go, and come back with "kedge up". To remove what stays, end Kedge with "npm stop", which names each and its command; or by hand:',
  `  networks  docker network rm $(docker network ls --quiet --filter label=kedge.node=${node})`,
  '  volumes   docker volume ls lists them, docker volume rm NAME removes what you need no more',
];

/** `kedge down`: holds until `kedge up`, whatever restarts meanwhile. */
export const register: Register = ({ program, run }) => {
  const command = program
    .command('down')
    .description('stop and remove the containers of every service (also: kedge --signal stop)')
    .option('-y, --yes', 'do not ask')
    .option('--reason <text>', 'why, for whoever looks at the status');
  withWaitOptions(command, { noWait: 'do not wait until they are gone' }).action(async (options: DownOptions) => {
    await run(async (cli) => await takeDown(cli, options));
  });
};

/** Shows what would go, asks once, says it, and waits until the engine has none of it. */
async function takeDown(given: CliWithBus<'request' | 'publish'>, options: DownOptions): Promise<ExitCode> {
  const { cli, say, wait, timeoutMs, conclude } = waitingAs(given, options);
  const { yes = false, reason } = options;
  const asking = patientBus({ ...cli, tell: say.note, timeoutMs: wait ? timeoutMs : 0 });
  const before = await asking.request('status.services', {});
  const left = leftToRemove(before);
  const told = { node: before.node, removes: left };
  if (before.down && left.length === 0) {
    say.print(`Nothing to do: everything is down since ${relativeTime(before.down.since, say.now())}. ${stillHere}`);
    sayWhatStays(say, before.node);
    return conclude({ outcome: 'done', ...told });
  }
  say.print(left.length === 0 ? `Nothing runs on node ${before.node}.` : `Stops and removes on node ${before.node}:`);
  for (const service of left) say.print(`  ${say.paint('bad', '-')} ${say.paint('bad', service)}`);
  const question = `Take ${left.length === 0 ? 'everything' : counted(left.length, 'service')} down?`;
  if (!(await askOnce(say, { question, yes, answer: 'kedge down --yes' }))) return conclude({ outcome: 'refused', ...told });

  await requestNode(cli, { action: 'down', ...(reason === undefined ? {} : { reason }) });
  if (!wait) {
    say.print(`Asked to take everything down; "kedge status" shows how far it is. ${stillHere}`);
    return conclude({ outcome: 'going', ...told });
  }
  const work = async (tell: (line: string) => void) => await waitUntilDown(cli, { tell, timeoutMs });
  const { outcome } = await showProgress({ terminal: say, title: 'down', work });
  if (outcome === 'done') sayWhatStays(say, before.node);
  return conclude({ outcome, ...told });
}

function sayWhatStays({ print }: Terminal, node: NodeName): void {
  for (const line of whatStays(node)) print(line);
}

type DownEnding = Ending & { readonly outcome: Outcome };

interface DownWatch {
  readonly tell: (line: string) => void;
  readonly timeoutMs: number;
}

async function waitUntilDown({ bus, signal, pause }: CliWithBus<'request'>, { tell, timeoutMs }: DownWatch): Promise<DownEnding> {
  const begunAt = performance.now();
  for (;;) {
    const looked = await answerOrReason(async () => await bus.request('status.services', {}));
    if (typeof looked === 'string') tell(looked);
    else if (looked.down && leftToRemove(looked).length === 0) {
      return { ok: true, outcome: 'done', line: `Everything is down. ${stillHere}` };
    } else tell(looked.down ? `removing ${nameList(leftToRemove(looked))}` : 'asked');
    if (performance.now() - begunAt >= timeoutMs) {
      const line = `Not everything is down after ${formatDuration(timeoutMs)}; it goes on by itself, "kedge status" shows how far it is`;
      return { ok: false, outcome: 'timeout', line };
    }
    if (!(await pause(lookEveryMs, signal))) {
      return { ok: false, outcome: 'interrupted', line: 'stopped watching; it goes on by itself' };
    }
  }
}
