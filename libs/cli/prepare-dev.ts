import { writeFile } from 'node:fs/promises';
import { nameList } from '@kedge/shared/kernel';
import type { Cli, DevErrand } from './cli.ts';
import { type ConfigPlace, pathOf } from './config-place.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printVerdict, printWarnings } from './print-verdict.ts';
import { type WaitOptions, waitingAs } from './waiting.ts';

interface DevPlan extends WaitOptions, Pick<DevErrand, 'settingsFile'> {
  readonly place: ConfigPlace;
  /** Paths or names of services; none: all. */
  readonly only: readonly string[];
  readonly down: boolean;
}

/** Looks whether these services may run, and leaves for the script how their stack is to be started, or that it is to end. */
export async function prepareDev(given: Cli, { place, only, down, settingsFile, ...options }: DevPlan): Promise<ExitCode> {
  if (down) {
    await writeSettings(settingsFile, { KEDGE_DEV: 'down' });
    return exitCodes.fine;
  }
  const { say, conclude } = waitingAs(given, options);
  const { folder, file = '' } = place;
  const { validateFolder } = await import('./validate-folder.ts');
  // Which port its proxy gets is decided later.
  const { reply, configuration } = await validateFolder({ ...place, proxyPort: null, only });
  if (!reply.ok) {
    printVerdict(say, { reply });
    const { ok: _ok, services: _declared, ...verdict } = reply;
    return conclude({ outcome: 'refused', folder, ...verdict, services: [] });
  }
  printWarnings(say.aside(), reply.warnings);
  say.note(`Of ${pathOf(place)}: ${reply.services.length === 0 ? 'no service' : nameList(reply.services)}`);
  await writeSettings(settingsFile, {
    KEDGE_DEV: 'up',
    KEDGE_CONFIG: folder,
    KEDGE_CONFIG_FILE: file,
    KEDGE_ONLY: only.join(','),
    KEDGE_DEV_SERVICES: reply.services.join(' '),
    KEDGE_DEV_STRATEGY: configuration?.proxy?.strategy ?? 'https-only',
  });
  return exitCodes.fine;
}

/** After the script has taken everything down, or found nothing of it; what stays it tells itself. */
export function endDev(given: Cli, { step, ...options }: WaitOptions & Pick<DevErrand, 'step'>): ExitCode {
  const { say, conclude } = waitingAs(given, options);
  say.print(
    step === 'absent'
      ? 'Nothing ran: there is no stack of "kedge dev" on this machine.'
      : 'The stack of "kedge dev" is gone, with what it ran.',
  );
  return conclude({ outcome: 'done', services: [] });
}

/** Read line by line by the script `kedge`, and taken for what it is. */
async function writeSettings(file: string, settings: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}
