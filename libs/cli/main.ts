#!/usr/bin/env node
import { resolve } from 'node:path';
import { wait } from '@kedge/shared/kernel';
import { readEnvironment } from '@kedge/shared/service';
import type { StackName } from './cli.ts';
import { CliConfig, devConfig, findKeysFolder } from './config.ts';
import { connectCli, currentActor } from './connect.ts';
import { exitCodes } from './exit-codes.ts';
import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal/terminal.ts';
import { errorForPrograms, noteError, wantsJson } from './told-error.ts';

const { stdout, stderr, stdin, env } = process;
const terminal = createTerminal({ stdout, stderr, stdin, environment: env, now: () => new Date() });
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second one means "now".
    if (interrupted.signal.aborted) process.exit(exitCodes.interrupted);
    interrupted.abort();
  });
}
// Whoever reads our output may stop reading: `kedge events | head -1`.
stdout.on('error', (thrown: NodeJS.ErrnoException) => process.exit(thrown.code === 'EPIPE' ? exitCodes.fine : exitCodes.failed));

async function main(): Promise<number> {
  const config = readEnvironment(CliConfig, env);
  const { KEDGE_DEV_STEP: step, KEDGE_DEV_SETTINGS: settingsFile } = config;
  const keysFolderOf = ({ KEDGE_KEYS }: CliConfig) => findKeysFolder(KEDGE_KEYS, process.cwd());
  const configOf = (stack: StackName) => (stack === 'dev' ? devConfig(config, () => keysFolderOf(config)) : config);
  return await runCli(process.argv.slice(2), {
    terminal,
    signal: interrupted.signal,
    pause: wait,
    actor: currentActor(config.KEDGE_ACTOR),
    keysFolder: (stack) => keysFolderOf(configOf(stack)),
    configPlace: { folder: resolve(config.KEDGE_CONFIG), file: config.KEDGE_CONFIG_FILE },
    processesFolder: config.KEDGE_PROCESSES,
    proxyPort: config.KEDGE_HTTP_PORT,
    httpsPort: config.KEDGE_HTTPS_PORT,
    network: config.KEDGE_NETWORK,
    dev: step && settingsFile !== undefined ? { step, settingsFile } : null,
    connect: async ({ identity = config.KEDGE_IDENTITY, stack }) =>
      await connectCli({ identity, config: configOf(stack), folder: process.cwd() }),
  });
}

const exitCode = await main().catch((thrown: unknown) => {
  noteError(terminal, thrown);
  if (wantsJson(process.argv.slice(2))) terminal.json({ ok: false, error: errorForPrograms(thrown) }, { compact: true });
  return exitCodes.failed;
});
// Not `process.exitCode`: a connection that cannot drain must not keep the person waiting.
stdout.write('', () => process.exit(exitCode));
