import { posix } from 'node:path';
import type { ConfigProblem } from '@kedge/shared/contracts';
import type { Configuration, ConfiguredService, EntryName } from './configuration.ts';
import type { DeclaredService } from './declared-service.ts';
import type { ProxyPorts } from './judge-ports.ts';
import { judgeServices, type Names } from './judge-services.ts';
import type { ListedService, MainConfiguration } from './main-configuration.ts';
import { unusedTables } from './main-file.ts';
import { proxySettings } from './proxy-settings.ts';
import type { ServiceReading } from './read-service.ts';
import { type EnvFileContents, mergeEnvFiles } from './service-env-files.ts';
import { serviceFile } from './service-path.ts';
import { problemAt, type TomlFile, taintAt } from './template-file.ts';
import { nameInText } from './wanted-services.ts';
import { warningsOfClaims, warningsOfDependencies } from './warnings.ts';
import { isLeftOut } from './well-formed.ts';

/** Why a file cannot be read. */
export interface Unreadable {
  readonly reason: string;
  /** Where in the file, when it lies in a place of it. */
  readonly at?: { readonly line: number; readonly column: number };
}

interface Parts extends ProxyPorts {
  readonly entry: EntryName;
  readonly main: MainConfiguration;
  /** By folder. A folder that is not in it had problems that are told elsewhere. */
  readonly services: ReadonlyMap<string, ServiceReading & { readonly text: string }>;
  /** By folder. */
  readonly unreadable: ReadonlyMap<string, Unreadable>;
  readonly envFiles: EnvFileContents;
  /** Only some services are wanted: what they depend on besides is dropped. */
  readonly isPart?: boolean;
}

/** What came of the files of a configuration, and everything that was found in them; in no order. */
export interface Built {
  /** Null when something is wrong, here or in a file that could not be read. */
  readonly configuration: Configuration | null;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

/** Puts a configuration together from what its files say, and tells everything that is wrong with it. */
export function buildConfiguration(parts: Parts): Built {
  const { entry, main, services, unreadable, envFiles, isPart = false } = parts;
  const problems: ConfigProblem[] = [...main.problems];
  const warnings: ConfigProblem[] = [...main.warnings];
  let declared: DeclaredService[] = [];
  for (const { folder, index, shownAs } of main.folders) {
    const file = unreadable.size > 0 && unreadable.get(folder);
    if (file) problems.push(unreadableProblem(main.file, { index, shownAs, file }));
    const found = services.get(folder);
    if (!found) continue;
    // Of thousands of services most have neither.
    if (found.problems.length > 0) problems.push(...found.problems);
    if (found.warnings.length > 0) warnings.push(...found.warnings);
    const { service } = found;
    if (!service) continue;
    if (service.envFiles.length === 0) {
      declared.push(service);
      continue;
    }
    const merged = mergeEnvFiles(service, envFiles);
    problems.push(...merged.problems);
    declared.push({ ...service, spec: merged.spec });
  }

  if (isPart) declared = withoutOthers(declared);
  problems.push(...judgeServices(declared, { networks: networksOf(main), others: othersOf(parts), ...portsOf(main, parts) }));
  warnings.push(...warningsOfDependencies(declared), ...warningsOfClaims(declared, main.part));
  const specs: ConfiguredService[] = [];
  for (const { folder, spec } of declared) if (spec) specs.push({ name: spec.service.name, folder, spec });
  if (!main.main || problems.length > 0 || specs.length < main.folders.length) return { configuration: null, problems, warnings };
  const { delay, network, proxy } = main.main;
  const unused = unusedTables.filter((table) => main.main?.[table] !== undefined);
  return {
    configuration: { entry, delay, networks: network, proxy: proxy && proxySettings(proxy), services: specs, unused, warnings },
    problems,
    warnings,
  };
}

/** The ports that are the proxy's, as far as the main file lets it have them. */
export function portsOf({ part: { proxy } }: MainConfiguration, { proxyPort, httpsPort }: ProxyPorts): ProxyPorts {
  if (proxy?.enabled === false || isLeftOut(proxy, 'enabled')) return { proxyPort: null };
  // That door is closed then, or may be.
  const isPlain = proxy?.strategy === 'http-only' || isLeftOut(proxy, 'strategy');
  return isPlain ? { proxyPort } : { proxyPort, httpsPort };
}

/** The networks that the main file declares. */
export function networksOf({ file, part: { network = [] }, tells }: MainConfiguration): Names {
  const names = network.map((each) => each?.name);
  return {
    names: names.filter((name) => name !== undefined),
    shown: names.filter((name, index) => name !== undefined && taintAt(file, ['network', index, 'name']) === null).map(String),
    isWhole: tells.allNetworks,
  };
}

/** Services of which only a name can be told: as it stands in a file that is no TOML, or what their folder is called. */
function othersOf({ main, services, unreadable }: Parts): Names {
  const others = main.folders.flatMap(({ folder, shownAs }) => {
    const found = services.get(folder);
    if (found?.service?.part.service?.name !== undefined) return [];
    const name = nameInText(found?.text ?? '');
    // A name that cannot be told may be any, where there is a file that says one: also one that is no UTF-8.
    const isTold = name === null ? found === undefined && !unreadable.get(folder)?.at : !name.includes('${');
    return [{ folder: posix.basename(folder), isMade: shownAs !== serviceFile(folder), name, isTold }];
  });
  const names = others.flatMap(({ folder, name }) => [folder, name ?? []].flat());
  const shown = others.flatMap(({ folder, isMade, name }) => [isMade ? [] : folder, name ?? []].flat());
  return { names, shown, isWhole: main.tells.allServices && others.every(({ isTold }) => isTold) };
}

/** The services, waiting for each other only. */
function withoutOthers(services: readonly DeclaredService[]): DeclaredService[] {
  const names = new Set<string>(services.flatMap(({ part }) => part.service?.name ?? []));
  const among = <Condition>(all: Readonly<Record<string, Condition>> = {}) => Object.entries(all).filter(([name]) => names.has(name));
  return services.map((service) => {
    const part = { ...service.part, depends_on: Object.fromEntries(among(service.part.depends_on)) };
    if (!service.spec) return { ...service, part };
    const { depends_on, ...spec } = service.spec;
    const kept = among(depends_on);
    return { ...service, part, spec: kept.length === 0 ? spec : { ...spec, depends_on: Object.fromEntries(kept) } };
  });
}

/** What is wrong within a file is told there; a file that is none, where it is named. */
function unreadableProblem(
  main: TomlFile,
  { index, shownAs, file }: Pick<ListedService, 'index' | 'shownAs'> & { readonly file: Unreadable },
): ConfigProblem {
  if (file.at) return { file: shownAs, ...file.at, message: file.reason };
  return problemAt(main, { pointer: ['service', index, 'path'], message: `${shownAs} ${file.reason}` });
}
