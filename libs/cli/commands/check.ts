import { type CheckReply, type ServiceName, shortDigest } from '@kedge/shared/contracts';
import { errorCode } from '@kedge/shared/kernel';
import { parseService } from '../arguments.ts';
import type { CliWithBus, Register } from '../cli.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { findService } from '../find-service.ts';
import type { Tone } from '../terminal/style.ts';
import { unlessSilent } from '../unless-silent.ts';

interface CheckOptions {
  readonly service?: ServiceName | undefined;
  readonly json?: boolean;
}

/** A registry may be slow, and there may be many images. */
const checkTimeoutMs = 60_000;

/** `kedge check`: an image that only the engine has is absent here, because the registry is what it asks about. */
export const register: Register = ({ program, run }) => {
  program
    .command('check')
    .description('ask the registries now instead of at the next interval')
    .argument('[service]', 'only the image of this one', parseService)
    .option('--json', 'print the answer as JSON')
    .action(async (service: ServiceName | undefined, options: CheckOptions) => {
      await run(async (cli) => await check(cli, { ...options, service }));
    });
};

/** Says what the registries answered; fails when one could not be asked, or does not have what is declared. */
async function check({ bus, terminal }: CliWithBus<'request'>, { service, json = false }: CheckOptions): Promise<ExitCode> {
  const reply = await askRegistries(bus, service);
  const { checked } = reply;
  if (json) terminal.json(reply);
  else if (checked.length === 0) terminal.print('Nothing to do: no image is declared.');
  else {
    terminal.table(
      ['IMAGE', 'STATE', 'DIGEST', 'REASON'],
      checked.map(({ reference, state, digest, trouble }) => [
        reference,
        { text: state, tone: trouble === undefined ? tones[state] : 'bad' },
        digest === null ? '-' : shortDigest(digest),
        trouble === undefined ? '' : `${trouble.message} (${trouble.code})`,
      ]),
    );
  }
  return checked.some(({ state, trouble }) => state !== 'present' || trouble !== undefined) ? exitCodes.failed : exitCodes.fine;
}

/**
 * The watcher knows only that nobody declares it: a slip of the pen is told with the nearest name, where the reconciler answers.
 * @throws {TerminalError} SERVICE_UNKNOWN when there is no such service, IMAGE_NOT_DECLARED when it is declared no more or nobody can tell
 */
async function askRegistries(bus: CliWithBus<'request'>['bus'], service: ServiceName | undefined): Promise<CheckReply> {
  try {
    return await bus.request('watcher.check', service === undefined ? {} : { service }, { timeoutMs: checkTimeoutMs });
  } catch (thrown) {
    if (service === undefined || errorCode(thrown) !== 'IMAGE_NOT_DECLARED') throw thrown;
    const services = await unlessSilent(async () => (await bus.request('status.services', {})).services);
    if (services !== null) findService(services, service);
    throw thrown;
  }
}

const tones: Readonly<Record<'present' | 'absent' | 'unreachable', Tone>> = { present: 'good', absent: 'warning', unreachable: 'bad' };
