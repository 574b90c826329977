import type { ServiceName } from '@kedge/shared/contracts';
import { parseDurationMs } from '@kedge/shared/kernel';
import { parseService } from '../arguments.ts';
import type { Register } from '../cli.ts';
import { type DeployOptions, requestDeploy } from '../request-deploy.ts';

/** `kedge deploy`: without `--wait` it ends as soon as the request is stored, whether or not the reconciler is there. */
export const register: Register = ({ program, run }) => {
  program
    .command('deploy')
    .description('roll a service to what its configuration and registry say now, even when it is not watched')
    .argument('<service>', 'the service', parseService)
    .option('--reason <text>', 'why, for whoever reads the events')
    .option('--wait', 'show how it goes, and fail when it fails')
    .option('--timeout <duration>', 'how long to wait (default: 5m)', (text) => parseDurationMs(text))
    .option('--json', 'print JSON; with --wait one line for each event and one for the end')
    .action(async (service: ServiceName, options: Omit<DeployOptions, 'action' | 'service'>) => {
      await run(async (cli) => await requestDeploy(cli, { ...options, service, action: 'deploy' }));
    });
};
