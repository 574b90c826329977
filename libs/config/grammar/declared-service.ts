import { type ConfigProblem, ServiceSpec, type TaintedLeaf } from '@kedge/shared/contracts';
import { checkTable } from './check-table.ts';
import { portsOf } from './declared-ports.ts';
import { routing } from './declared-route.ts';
import { judgeService } from './judge-service.ts';
import { TaintedText } from './leaf-forms.ts';
import { placeVolumes } from './placed-volumes.ts';
import { sealTainted } from './seal-tainted.ts';
import { type EnvFile, placeEnvFiles } from './service-env-files.ts';
import { ServiceFile, ServicePart } from './service-file.ts';
import type { NamedFolder } from './service-path.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** A service as its file declares it, with the file kept for what is found wrong later. */
export interface DeclaredService {
  readonly file: TomlFile;
  /** Folder of the file, relative to the configuration folder. */
  readonly folder: string;
  /** What is well-formed of it: enough to judge it beside others. */
  readonly part: ServicePart;
  /** Without what stands in `envFiles`; null when something is wrong with it. */
  readonly spec: ServiceSpec | null;
  /** In the order in which they are read; a later one wins, and the spec's own `env` over all. */
  readonly envFiles: readonly EnvFile[];
}

interface ServiceToDeclare {
  readonly file: TomlFile;
  readonly folder: string;
  readonly within: NamedFolder;
  /** Values that nobody could fill in. */
  readonly unknown?: readonly Pointer[];
}

/** Reads one `service.toml`, and tells all that is wrong with it. */
export function declareService({ file, folder, within, unknown = [] }: ServiceToDeclare): {
  readonly service: DeclaredService;
  readonly problems: readonly ConfigProblem[];
} {
  const sealed = sealTainted(file);
  const misplaced = file.tainted.filter((leaf) => isInTheOpen(leaf, sealed.root)).map(({ pointer }) => pointer);
  const checked = checkTable({ file, root: sealed.root, schema: ServiceFile, part: ServicePart, unknown: [...unknown, ...misplaced] });
  const part = checked.part ?? {};
  const volumes = placeVolumes({ volume: checked.value?.volume, part, file, folder });
  const envFiles = placeEnvFiles(part.service?.env_file ?? [], { file, folder, within });
  const problems = [
    ...sealed.problems,
    ...checked.problems,
    ...behaviourProblems(file),
    ...volumes.problems,
    ...envFiles.problems,
    ...judgeService(part, file),
  ];
  const spec = checked.value && problems.length === 0 ? specOf(checked.value, volumes.volume) : null;
  return { service: { file: withoutValues(file), folder, part, spec, envFiles: envFiles.files }, problems };
}

/** A value from a secret source that no reference stands for: it is told, and kept nowhere. */
function isInTheOpen({ pointer, origin }: TaintedLeaf, root: unknown): boolean {
  return origin === 'secret-source' && !(valueAt(root, pointer) instanceof TaintedText);
}

function specOf(
  { kedge, dispenser = kedge, volume: _volume, service, proxy, port, ...declared }: ServiceFile,
  volume: ServiceSpec['volume'],
): ServiceSpec {
  const { env_file: _envFile, ...container } = service;
  // "No limit" is what holds without the key.
  const given = Object.fromEntries(Object.entries(container).filter(([, value]) => value !== undefined));
  return ServiceSpec.parse({
    ...declared,
    ...(port && portsOf(port, proxy)),
    ...(proxy && routing(proxy)),
    ...(volume && { volume }),
    service: given,
    dispenser,
  });
}

/** What is needed to tell a problem at its place. It is kept, so that no value that a variable filled may stand in it. */
export function withoutValues(file: TomlFile): TomlFile {
  return { ...file, rendered: '', root: {} };
}

function behaviourProblems(file: TomlFile): ConfigProblem[] {
  const has = (table: string) => Object.hasOwn(file.root, table);
  if (has('kedge') && has('dispenser'))
    return [problemAt(file, { pointer: ['kedge'], message: 'means the same as [dispenser]; keep one of the two' })];
  if (has('kedge') || has('dispenser')) return [];
  return [
    problemAt(file, { pointer: ['dispenser'], message: 'is missing; write [dispenser] (or [kedge]) with watch = true or watch = false' }),
  ];
}
