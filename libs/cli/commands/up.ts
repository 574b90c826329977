import type { ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { CliWithBus, Register } from '../cli.ts';
import type { ExitCode } from '../exit-codes.ts';
import { patientBus } from '../patient-bus.ts';
import { requestNode } from '../request-node.ts';
import { showPlanProgress } from '../show-plan-progress.ts';
import type { Tell } from '../terminal/progress.ts';
import { waitForStatus } from '../wait-for-status.ts';
import { type WaitOptions, waitingAs, withWaitOptions } from '../waiting.ts';

type World = CliWithBus<'request' | 'publish' | 'follow'>;

/** `kedge up`: undoes `kedge down`; a request that nobody hears waits in the stream. */
export const register: Register = ({ program, run }) => {
  const command = program.command('up').description('start again what "kedge down" took down');
  withWaitOptions(command, { noWait: 'do not wait until it runs' }).action(async (options: WaitOptions) => {
    await run(async (cli) => await bringUp(cli, options));
  });
};

/** Says that everything may run again, and waits until it does. */
async function bringUp(given: World, options: WaitOptions): Promise<ExitCode> {
  const { cli, say, wait, timeoutMs, conclude } = waitingAs(given, options);
  const asking = patientBus({ ...cli, tell: say.note, timeoutMs: wait ? timeoutMs : 0 });
  const before = await asking.request('status.services', {});
  if (!before.down) {
    say.print('Nothing to do: nothing was taken down.');
    return conclude({ outcome: 'done', services: [] });
  }
  if (!wait) {
    await requestNode(cli, { action: 'up' });
    say.print('Asked to start everything again; "kedge status" shows how far it is.');
    return conclude({ outcome: 'going', services: [] });
  }
  const begin = async (tell: Tell) => {
    await requestNode(cli, { action: 'up' });
    return await waitUntilUp(cli, { tell, timeoutMs });
  };
  return conclude({ ...(await showPlanProgress(cli, { title: 'up', begin, timeoutMs, asBefore: true })) });
}

interface UpWatch {
  readonly tell: Tell;
  readonly timeoutMs: number;
}

/** The services, as soon as the reconciler has taken up that they may run: before that each of them is at rest. */
async function waitUntilUp(cli: World, watch: UpWatch): Promise<readonly ServiceName[]> {
  const { services } = await waitForStatus(cli, { ...watch, isThere: ({ down }) => !down, late: stillDown });
  return services.map(({ service }) => service);
}

function stillDown(): RetryableError {
  return new RetryableError(
    'STILL_DOWN',
    'the reconciler has not taken up yet that everything may run again; the request waits for it in the stream, "kedge status" shows when it does',
  );
}
