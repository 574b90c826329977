import { type Configuration, entryNames } from '@kedge/config';
import type { ConfigProblem } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';
import { describeForeign, type ForeignContainer } from './core/describe-plan.ts';
import type { DispenserNote } from './core/dispenser-notes.ts';
import type { MigrationStep } from './core/migration-steps.ts';
import { serviceHeadings, serviceRow } from './core/service-row.ts';
import { printWarnings } from './print-verdict.ts';
import { oneLine } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

interface ImportedFolder {
  readonly folder: string;
  readonly configuration: Configuration;
  readonly notes: readonly DispenserNote[];
  readonly warnings: readonly ConfigProblem[];
  /** The default network, where somebody set it. */
  readonly network?: string | undefined;
}

/** What the folder of Dispenser means here, and what it did otherwise there. */
export function printImport(terminal: Terminal, { folder, configuration, notes, warnings, network }: ImportedFolder): void {
  const { networks = [], services, entry } = configuration;
  terminal.print(`${folder}/${entry}, as Kedge reads it:`);
  terminal.print();
  if (services.length > 0) terminal.table(serviceHeadings, services.map(serviceRow));
  else terminal.print('It declares no service.');
  const others = networks.map(({ name, external = false }) => `${name}${external ? ' (external)' : ''}`);
  terminal.print();
  terminal.print(`Networks: ${[defaultNetwork(entry, network), ...others].join(', ')}`);
  terminal.print('Volumes that begin with ./ lie in this folder.');
  if (notes.length > 0) {
    terminal.print();
    terminal.print(terminal.paint('warning', 'Otherwise than with Dispenser:'));
  }
  for (const { service, note } of notes)
    terminal.print(`- ${service === null ? '' : `${terminal.paint('strong', service)}: `}${oneLine(note)}`);
  if (warnings.length > 0) terminal.print();
  printWarnings(terminal, warnings);
}

/** The reconciler chooses alike. */
function defaultNetwork(entry: string, network: string | undefined): string {
  if (network !== undefined) return `${network} (the default one, KEDGE_NETWORK)`;
  return entry === entryNames[0] ? 'kedge (the default one)' : 'dispenser (the default one, as it is)';
}

/** Which containers of Dispenser have these names and ports, and which networks they share with what Kedge makes. */
export function printDispensers(terminal: Terminal, dispensers: readonly ForeignContainer[]): void {
  if (dispensers.length === 0) return;
  const networks = [...new Set(dispensers.flatMap((each) => each.networks))];
  terminal.print();
  terminal.print('Containers of Dispenser:');
  for (const each of dispensers) terminal.print(`  ${oneLine(describeForeign(each))}`);
  if (networks.length > 0) terminal.print(`  They stay on ${nameList(networks)} beside those of Kedge until the last one is handed over.`);
}

/** What to do, step by step, with what to type. */
export function printSteps(terminal: Terminal, steps: readonly MigrationStep[]): void {
  for (const [index, { what, commands }] of steps.entries()) {
    terminal.print(`${index + 1}. ${what}`);
    for (const command of commands) terminal.print(`     ${terminal.paint('strong', command)}`);
  }
}
