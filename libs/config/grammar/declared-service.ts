import { posix } from 'node:path';
import { type ConfigProblem, ServiceSpec } from '@kedge/shared/contracts';
import { checkTable } from './check-table.ts';
import { type EnvFile, placeEnvFiles } from './env-file.ts';
import { sealTainted } from './seal-tainted.ts';
import { ServiceFile } from './service-file.ts';
import type { NamedFolder } from './service-path.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { volumeSource } from './volume-source.ts';

/** A service as its file declares it, with the file kept for what is found wrong later. */
export interface DeclaredService {
  readonly file: TomlFile;
  /** Folder of the file, relative to the configuration folder. */
  readonly folder: string;
  /** Without what stands in `envFiles`. */
  readonly spec: ServiceSpec;
  /** In the order in which they are read; a later one wins, and the spec's own `env` over all. */
  readonly envFiles: readonly EnvFile[];
}

/** Reads one `service.toml`; `service` is null when something is wrong. */
export function declareService(
  file: TomlFile,
  folder: string,
  within: NamedFolder,
): { readonly service: DeclaredService | null; readonly problems: readonly ConfigProblem[] } {
  const sealed = sealTainted(file);
  const checked = checkTable(ServiceFile, file, sealed.root);
  const problems = [...sealed.problems, ...checked.problems, ...behaviourProblems(file)];
  if (!checked.value) return { service: null, problems };

  const volumes = placeVolumes(checked.value, file, folder);
  const envFiles = placeEnvFiles(checked.value.service.env_file ?? [], { file, folder, within });
  const all = [...problems, ...volumes.problems, ...envFiles.problems, ...innerProblems(checked.value, file)];
  if (all.length > 0) return { service: null, problems: all };
  const { kedge, dispenser = kedge, volume: _volume, service, ...declared } = checked.value;
  const { env_file: _envFile, ...container } = service;
  const spec = ServiceSpec.parse({ ...declared, ...volumes.volume, service: container, dispenser });
  return { service: { file: withoutValues(file), folder, spec, envFiles: envFiles.files }, problems: [] };
}

/** What is needed to tell a problem at its place. It is kept, so that no value that a variable filled may stand in it. */
export function withoutValues(file: TomlFile): TomlFile {
  return { ...file, rendered: '', root: {} };
}

function behaviourProblems(file: TomlFile): ConfigProblem[] {
  const has = (table: string) => Object.hasOwn(file.root, table);
  if (has('kedge') && has('dispenser'))
    return [problemAt(file, ['kedge'], { message: 'means the same as [dispenser]; keep one of the two' })];
  if (has('kedge') || has('dispenser')) return [];
  return [problemAt(file, ['dispenser'], { message: 'is missing; write [dispenser] (or [kedge]) with watch = true or watch = false' })];
}

function placeVolumes({ volume }: ServiceFile, file: TomlFile, folder: string) {
  if (!volume) return { volume: {}, problems: [] };
  const placed = volume.map((each) => ({ each, place: volumeSource(each.source, folder) }));
  return {
    volume: { volume: placed.map(({ each, place }) => (place.ok ? { ...each, source: place.source } : each)) },
    problems: placed.flatMap(({ place }, index) =>
      place.ok ? [] : [problemAt(file, ['volume', index, 'source'], { message: place.message })],
    ),
  };
}

/** What a single table can get wrong that its schema does not see. */
function innerProblems({ service, port, proxy, gate, volume = [] }: ServiceFile, file: TomlFile): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (proxy && (proxy.cert_file === undefined) !== (proxy.key_file === undefined)) {
    const given = proxy.cert_file === undefined ? 'key_file' : 'cert_file';
    problems.push(problemAt(file, ['proxy', given], { message: 'needs the other one too: a certificate is cert_file and key_file' }));
  }
  if (port && port.length > 0 && (service.replicas ?? 1) > 1) {
    problems.push(
      problemAt(file, ['service', 'replicas'], {
        message: 'must be 1 with a published port: two containers cannot share a port of the host',
      }),
    );
  }
  const targets = volume.map(({ target }) => posix.resolve(target));
  for (const [index, target] of targets.entries()) {
    if (targets.indexOf(target) < index) {
      problems.push(problemAt(file, ['volume', index, 'target'], { message: 'is the target of another volume already' }));
    }
  }
  const inMemory = (service.tmpfs ?? []).map((mount) => posix.resolve(mount.replace(/:.*$/, '')));
  for (const [index, target] of inMemory.entries()) {
    if (!targets.includes(target) && inMemory.indexOf(target) === index) continue;
    problems.push(problemAt(file, ['service', 'tmpfs', index], { message: 'is where another volume or tmpfs stands already' }));
  }
  for (const [index, each] of (gate ?? []).entries()) {
    if (each.type === 'tcp' && each.path !== undefined) {
      problems.push(problemAt(file, ['gate', index, 'path'], { message: 'belongs to gates of type "http"' }));
    }
  }
  return problems;
}
