import { type ServiceName, shortDigest } from '@kedge/shared/contracts';
import { type CliWithBus, findService, parseService, type Register } from '../cli.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Tone } from '../terminal/style.ts';

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
  const reply = await bus.request('watcher.check', service === undefined ? {} : { service }, { timeoutMs: checkTimeoutMs });
  const { checked } = reply;
  if (checked.length === 0 && service !== undefined) findService((await bus.request('status.services', {})).services, service);
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

const tones: Readonly<Record<'present' | 'absent' | 'unreachable', Tone>> = { present: 'good', absent: 'warning', unreachable: 'bad' };
