import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import type { FileReading, FolderReading } from './folder/folder-reading.ts';
import { buildConfiguration, sameToOthers, type Unreadable } from './grammar/build-configuration.ts';
import { type Configuration, type EntryName, entryNames } from './grammar/configuration.ts';
import { type MainConfiguration, readMain } from './grammar/main-configuration.ts';
import { problemList } from './grammar/problem-list.ts';
import { readService, type ServiceReading } from './grammar/read-service.ts';
import { serviceFile } from './grammar/service-path.ts';
import { parseTemplate, type TemplateFile } from './grammar/template-file.ts';
import { inPlainWords } from './grammar/toml-reasons.ts';
import { wantedServices } from './grammar/wanted-services.ts';
import type { ConfigurationFolder, Renderer } from './ports.ts';
import { createReadEnvFiles } from './read-env-files.ts';
import { createPlaceProblems } from './render-problems.ts';

/** What a look at the folder amounts to. */
export type Verdict =
  | {
      readonly kind: 'valid';
      readonly configuration: Configuration;
      /** Files that it depends on besides those that were looked at. */
      readonly envFiles?: readonly string[];
    }
  | {
      readonly kind: 'invalid';
      readonly reason: 'invalid' | 'unreadable';
      /** The main file, or the first of the names that it may have when there is none or two. */
      readonly entry: EntryName;
      readonly problems: readonly ConfigProblem[];
      readonly envFiles?: readonly string[];
    }
  /** Nobody could render it: nothing is known, nothing changes. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The look was not at these service folders, which the main file names: look again. */
  | { readonly kind: 'look-again'; readonly folders: readonly string[] };

interface ReadPorts {
  readonly folder: ConfigurationFolder;
  readonly renderer: Renderer;
  /** Port of the host that our own proxy listens on; null where it is not known. */
  readonly proxyPort: number | null;
  /** Paths or names of services: only these are read, and what they depend on besides is not waited for. Absent: all. */
  readonly only?: readonly string[] | undefined;
}

/** What the last pass found, so that the next one reads only what changed since. Specs hold references: no secret is in it. */
interface Known {
  readonly entry: EntryName;
  readonly text: string;
  /** Fingerprint of the variables that everything here was rendered with. */
  readonly variables: string;
  readonly main: MainConfiguration;
  /** By folder. */
  readonly services: Map<string, ServiceReading & { readonly text: string }>;
  /** All of them together were judged, and nothing was wrong. */
  getAlong: boolean;
}

/** The text of a service's file, as the user wrote it. */
interface ServiceText {
  readonly folder: string;
  readonly path: string;
  readonly text: string;
}

type Readable = Extract<FolderReading, { kind: 'read' }>;

/** Makes the pass from a settled look at the folder to a verdict. It writes nothing and keeps no rendered text. */
export function createReadConfiguration({ folder, renderer, proxyPort, only }: ReadPorts) {
  const placeProblems = createPlaceProblems(folder);
  const readEnvFiles = createReadEnvFiles({ renderer, placeProblems });
  let known: Known | null = null;

  return async function readConfiguration(reading: FolderReading): Promise<Verdict> {
    if (reading.kind === 'unreadable')
      return rejected(reading.file, 'unreadable', [{ file: reading.file, line: 1, column: 1, ...reading.at, message: reading.reason }]);
    if (reading.kind === 'ambiguous') {
      const message = `both ${entryNames.join(' and ')} are there; keep one of the two`;
      return rejected(entryNames[0], 'invalid', [{ file: entryNames[0], line: 1, column: 1, message }]);
    }
    try {
      return await judge(reading);
    } catch (thrown) {
      if (!(thrown instanceof KedgeError)) throw thrown;
      return { kind: 'unknown', reason: `the configuration could not be rendered: ${thrown.message} (${thrown.code})` };
    }
  };

  async function judge(reading: Readable): Promise<Verdict> {
    const { entry, text, services } = reading;
    const main = [{ path: entry, text }];
    // Which services are wanted may depend on what stands in their files: then nothing is taken for known.
    const before = only === undefined && known?.entry === entry && known.text === text ? known : null;
    const changed = before ? changedSince(before, services) : [];
    // Any answer tells whether the variables are still the same; the main file is asked for when there is nothing else to ask.
    const first = await renderer.render(changed.length > 0 ? changed : main);
    if (before && first.variables === before.variables) return await conclude(reading, before, { asked: changed, reply: first });

    known = null;
    const reply = changed.length > 0 ? await renderer.render(main) : first;
    const problems = await placeProblems(reply.problems, main);
    const template = templateOf(reply, entry, text);
    // With a broken variable file a template may be wrong only because of that: the broken file is the problem to show.
    if (!template || (problems.length > 0 && isTemplate(text))) {
      return problems.length > 0
        ? rejected(entry, 'invalid', problems)
        : { kind: 'unknown', reason: 'secrets did not render the main file' };
    }
    const parsed = parseTemplate(template);
    if ('problem' in parsed) return rejected(entry, 'invalid', [...problems, inPlainWords(parsed.problem)]);
    const { variables } = reply;
    const whole = readMain(parsed.file, folder);
    const wanted = only && wantedServices(whole, only, (each) => textIn(services[each]));
    const after: Known = { entry, text, variables, main: wanted?.main ?? whole, services: new Map(), getAlong: false };
    known = after;
    if (wanted && !wanted.lookAt.every((each) => Object.hasOwn(services, each))) return { kind: 'look-again', folders: wanted.lookAt };
    if (!wanted && !looksAt(services, whole)) return lookAgain(whole);
    const all = changedSince(after, services);
    const second = all.length === 0 ? reply : await renderer.render(all);
    if (second.variables === after.variables) return await conclude(reading, after, { asked: all, reply: second });
    return { kind: 'unknown', reason: 'a variable file changed while the configuration was rendered' };
  }

  /** Everything that was not asked for is known already, rendered with the same variables. */
  async function conclude(
    { entry, services: files, envFiles: marks = {} }: Readable,
    now: Known,
    { asked, reply }: { readonly asked: readonly ServiceText[]; readonly reply: RenderReply },
  ): Promise<Verdict> {
    if (only === undefined && !looksAt(files, now.main)) return lookAgain(now.main);
    const problems = await placeProblems(reply.problems, asked);
    const wrong = new Set(reply.problems.map(({ path }) => path));
    const isBroken = [...wrong].some((path) => path !== entry && !asked.some((each) => each.path === path));
    for (const each of asked) {
      const template = isBroken && isTemplate(each.text) ? null : templateOf(reply, each.path, each.text);
      if (!template && !isBroken && !wrong.has(each.path))
        return { kind: 'unknown', reason: 'secrets rendered only a part of the configuration' };
      remember(now, each, template);
    }
    const unreadable = forgetUnreadable(now, files);
    const wanted = envFilesOf(now);
    const env = await readEnvFiles({ paths: wanted, marks, variables: now.variables });
    if ('unknown' in env) return { kind: 'unknown', reason: env.unknown };

    const built = buildConfiguration({ ...now, unreadable, envFiles: env.contents, proxyPort, isPart: only !== undefined });
    const all = [...problems, ...env.problems, ...('problems' in built ? built.problems : [])];
    const depends = wanted.length > 0 ? { envFiles: wanted } : {};
    const isWhole = now.services.size === now.main.folders.length;
    now.getAlong = 'configuration' in built && all.length === 0 && isWhole;
    return 'configuration' in built && now.getAlong
      ? { kind: 'valid', configuration: built.configuration, ...depends }
      : rejected(entry, 'invalid', all, depends);
  }

  function remember(now: Known, { folder: each, text }: ServiceText, template: TemplateFile | null): void {
    const before = now.services.get(each)?.service ?? null;
    // What could not be rendered is asked for again.
    if (!template) now.services.delete(each);
    else now.services.set(each, { text, ...readService(template, each, folder) });
    now.getAlong &&= sameToOthers(before, now.services.get(each)?.service ?? null);
  }
}

export type ReadConfiguration = ReturnType<typeof createReadConfiguration>;

/** The files that cannot be read, by folder. Nothing is known of them any more. */
function forgetUnreadable(now: Known, files: Readable['services']): ReadonlyMap<string, Unreadable> {
  const unreadable = new Map<string, Unreadable>();
  for (const { folder } of now.main.folders) {
    const file = files[folder];
    if (file?.kind !== 'unreadable') continue;
    unreadable.set(folder, file);
    now.services.delete(folder);
    now.getAlong = false;
  }
  return unreadable;
}

/** Of all services, each once. */
function envFilesOf({ services }: Known): readonly string[] {
  const paths = new Set<string>();
  for (const { service } of services.values()) for (const { path } of service?.envFiles ?? []) paths.add(path);
  return [...paths];
}

function changedSince({ main, services }: Known, files: Readable['services']): readonly ServiceText[] {
  return main.folders.flatMap(({ folder }) => {
    const file = files[folder];
    const isNew = file?.kind === 'text' && services.get(folder)?.text !== file.text;
    return isNew ? [{ folder, path: serviceFile(folder), text: file.text }] : [];
  });
}

function lookAgain({ folders }: MainConfiguration): Verdict {
  return { kind: 'look-again', folders: folders.map(({ folder }) => folder) };
}

function looksAt(files: Readable['services'], { folders }: MainConfiguration): boolean {
  return Object.keys(files).length === folders.length && folders.every(({ folder }) => Object.hasOwn(files, folder));
}

/** Empty for a file that was looked at and cannot be read. */
function textIn(file: FileReading | undefined): string | undefined {
  return file?.kind === 'unreadable' ? '' : file?.text;
}

function isTemplate(text: string): boolean {
  return /\$\{|\{[%#]/.test(text);
}

function rejected(
  entry: EntryName,
  reason: 'invalid' | 'unreadable',
  problems: readonly ConfigProblem[],
  depends: { readonly envFiles?: readonly string[] } = {},
): Verdict {
  return { kind: 'invalid', reason, entry, problems: problemList(problems), ...depends };
}

/** The rendered file; null when it was not rendered, or with problems. */
function templateOf({ files, problems }: RenderReply, path: string, source: string): TemplateFile | null {
  if (problems.some((problem) => problem.path === path)) return null;
  const file = files.find((each) => each.path === path);
  return file ? { path, source, rendered: file.text, map: file.map, tainted: file.tainted } : null;
}
