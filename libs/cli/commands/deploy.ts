import type { ServiceName } from '@kedge/shared/contracts';
import { parseService, type Register } from '../cli.ts';
import { type DeployOptions, requestDeploy } from '../request-deploy.ts';

export const register: Register = (program, cli, run) => {
  program
    .command('deploy')
    .description('roll a service to what its configuration and registry say now, even when it is not watched')
    .argument('<service>', 'the service', parseService)
    .option('--reason <text>', 'why, for whoever reads the events')
    .option('--wait', 'show how it goes, and fail when it fails')
    .option('--timeout <duration>', 'how long to wait (default: 5m)')
    .option('--json', 'print JSON; with --wait one line for each event and one for the end')
    .action(async (service: ServiceName, options: Omit<DeployOptions, 'action'>) => {
      await run(async (bus) => await requestDeploy(bus, cli, service, { ...options, action: 'deploy' }));
    });
};
