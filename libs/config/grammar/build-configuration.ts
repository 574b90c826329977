import type { ConfigProblem } from '@kedge/shared/contracts';
import type { FileReading } from '../folder/folder-reading.ts';
import type { Configuration, EntryName } from './configuration.ts';
import type { DeclaredService } from './declared-service.ts';
import { type EnvFileContents, mergeEnvFiles } from './env-file.ts';
import { judgeServices } from './judge-services.ts';
import type { MainConfiguration } from './main-configuration.ts';
import { unusedTables } from './main-file.ts';
import type { ServiceReading } from './read-service.ts';
import { serviceFile } from './service-path.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { warningsOfNetworks } from './warnings.ts';

export type Unreadable = Extract<FileReading, { kind: 'unreadable' }>;

interface Parts {
  readonly entry: EntryName;
  readonly main: MainConfiguration;
  /** By folder. A folder that is not in it had problems that are told elsewhere. */
  readonly services: ReadonlyMap<string, ServiceReading>;
  /** By folder. */
  readonly unreadable: ReadonlyMap<string, Unreadable>;
  readonly envFiles: EnvFileContents;
  /** Port of the host that our own proxy listens on, where it is known. */
  readonly proxyPort: number | null;
  /** Nothing that services could get wrong together differs from a configuration in which they got it right. */
  readonly getAlong: boolean;
  /** Only some services are wanted: what they depend on besides is dropped. */
  readonly isPart?: boolean;
}

export type Built = { readonly configuration: Configuration } | { readonly problems: readonly ConfigProblem[] };

/** Puts a configuration together from what its files say, or tells everything that is wrong with it. */
export function buildConfiguration({
  entry,
  main,
  services,
  unreadable,
  envFiles,
  proxyPort: port,
  getAlong,
  isPart = false,
}: Parts): Built {
  const problems: ConfigProblem[] = [...main.problems];
  const warnings: ConfigProblem[] = main.main ? warningsOfNetworks(main.file, main.main.network ?? []) : [];
  let declared: DeclaredService[] = [];
  for (const { folder, index } of main.folders) {
    const file = unreadable.get(folder);
    if (file) problems.push(unreadableProblem(main.file, { folder, index, file }));
    const found = services.get(folder);
    if (!found) continue;
    problems.push(...found.problems);
    warnings.push(...found.warnings);
    if (!found.service) continue;
    const merged = mergeEnvFiles(found.service, envFiles);
    problems.push(...merged.problems);
    declared.push(merged.spec === found.service.spec ? found.service : { ...found.service, spec: merged.spec });
  }

  if (isPart) declared = withoutOthers(declared);
  if (!getAlong) {
    const complete = declared.length === main.folders.length;
    const proxyPort = main.main && main.main.proxy?.enabled !== false ? port : null;
    problems.push(...judgeServices(declared, { networks: main.main && (main.main.network ?? []), proxyPort, complete }));
  }
  if (!main.main || problems.length > 0) return { problems };
  return {
    configuration: {
      entry,
      delay: main.main.delay,
      networks: main.main.network,
      proxy: main.main.proxy,
      services: declared.map(({ folder, spec }) => ({ name: spec.service.name, folder, spec })),
      unused: unusedTables.filter((table) => main.main?.[table] !== undefined),
      warnings,
    },
  };
}

/** The services, waiting for each other only. */
function withoutOthers(services: readonly DeclaredService[]): DeclaredService[] {
  const names = new Set<string>(services.map(({ spec }) => spec.service.name));
  return services.map((service) => {
    const { depends_on, ...spec } = service.spec;
    const among = Object.entries(depends_on ?? {}).filter(([name]) => names.has(name));
    return { ...service, spec: among.length === 0 ? spec : { ...spec, depends_on: Object.fromEntries(among) } };
  });
}

/** What is wrong within a file is told there; a file that is none, where it is named. */
function unreadableProblem(
  main: TomlFile,
  { folder, index, file }: { readonly folder: string; readonly index: number; readonly file: Unreadable },
): ConfigProblem {
  const path = serviceFile(folder);
  if (file.at) return { file: path, ...file.at, message: file.reason };
  return problemAt(main, ['service', index, 'path'], { message: `${path} ${file.reason}` });
}

/** Whether a service that was read again can be taken for the one before, as far as others are concerned. */
export function sameToOthers(left: DeclaredService | null, right: DeclaredService | null): boolean {
  return left !== null && right !== null && facing(left) === facing(right);
}

function facing({ spec: { service, port, network, depends_on, proxy } }: DeclaredService): string {
  return JSON.stringify([service.name, port, network, depends_on, proxy?.host, proxy?.path]);
}
