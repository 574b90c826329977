import type { ServiceName } from '@kedge/shared/contracts';
import { parseDurationMs } from '@kedge/shared/kernel';
import { parseService } from '../arguments.ts';
import type { Register } from '../cli.ts';
import { type DeployOptions, requestDeploy } from '../request-deploy.ts';

/** `kedge clear`: the request of `deploy` without its roll: the next pass decides what comes of it. */
export const register: Register = ({ program, run }) => {
  program
    .command('clear')
    .description('lift the bars of a service, so that a release that failed is tried once more')
    .argument('<service>', 'the service', parseService)
    .option('--reason <text>', 'why, for whoever reads the events')
    .option('--wait', 'show how it goes, and fail when it fails')
    .option('--timeout <duration>', 'how long to wait (default: 5m)', (text) => parseDurationMs(text))
    .option('--json', 'print JSON; with --wait one line for each event and one for the end')
    .action(async (service: ServiceName, options: Omit<DeployOptions, 'action' | 'service'>) => {
      await run(async (cli) => await requestDeploy(cli, { ...options, service, action: 'clear' }));
    });
};
