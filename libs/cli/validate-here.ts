import type { ValidateReply } from '@kedge/shared/contracts';
import type { Cli } from './cli.ts';
import { type ConfigPlace, pathOf } from './config-place.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printVerdict } from './print-verdict.ts';

interface Here {
  readonly place: ConfigPlace;
  /** Paths or names of services. Default: all. */
  readonly only?: readonly string[];
  readonly json?: boolean;
  /** Asked for as Dispenser spells it. */
  readonly test?: boolean;
}

/** Says everything that is wrong with a folder, without the stack. */
export async function validateHere({ terminal, proxyPort, httpsPort }: Cli, { place, only = [], ...options }: Here): Promise<ExitCode> {
  // What reads configuration files is loaded only where no stack does it: most command lines are shorter without.
  const { validateFolder } = await import('./validate-folder.ts');
  const { reply } = await validateFolder({ ...place, proxyPort, httpsPort, only });
  const remark = `Checked here, without the stack: ${pathOf(place)}`;
  return tellVerdict(terminal, { ...options, reply, by: 'folder', folder: place.folder, remark });
}

interface Telling extends Pick<Here, 'json' | 'test'> {
  readonly reply: ValidateReply;
  /** Who read the folder: the stack that runs, or this command. */
  readonly by: 'stack' | 'folder';
  readonly folder?: string;
  readonly remark: string;
}

/** Says every problem of the configuration folder, or that there is none; the same whoever read it. */
export function tellVerdict(terminal: Cli['terminal'], { reply, by, folder, remark, json = false, test = false }: Telling): ExitCode {
  const { warnings = [], notChecked = [] } = reply;
  if (json) terminal.json({ by, ...(folder === undefined ? {} : { folder }), ...reply, warnings, notChecked });
  else {
    terminal.note(remark);
    printVerdict(terminal, { reply, test });
  }
  return reply.ok ? exitCodes.fine : exitCodes.failed;
}
