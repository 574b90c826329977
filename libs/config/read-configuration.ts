import type { ConfigProblem, RenderReply } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import type { FolderReading } from './folder/folder-reading.ts';
import { buildConfiguration, type ServiceTemplate } from './grammar/build-configuration.ts';
import { type Configuration, type EntryName, entryNames } from './grammar/configuration.ts';
import { readMain } from './grammar/main-configuration.ts';
import { serviceFile } from './grammar/service-path.ts';
import { placeAt } from './grammar/source-place.ts';
import { parseTemplate, type TemplateFile } from './grammar/template-file.ts';
import type { ConfigurationFolder, Renderer } from './ports.ts';

/** What a look at the folder amounts to. */
export type Verdict =
  | { readonly kind: 'valid'; readonly configuration: Configuration }
  | {
      readonly kind: 'invalid';
      readonly reason: 'invalid' | 'unreadable';
      /** The main file, or the first of the names that it may have when there is none or two. */
      readonly entry: EntryName;
      readonly problems: readonly ConfigProblem[];
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
}

/** Makes the pass from a settled look at the folder to a verdict. It writes nothing and keeps no rendered text. */
export function createReadConfiguration({ folder, renderer, proxyPort }: ReadPorts) {
  return async function readConfiguration(reading: FolderReading): Promise<Verdict> {
    if (reading.kind === 'unreadable')
      return rejected(reading.file, 'unreadable', [{ file: reading.file, line: 1, column: 1, message: reading.reason }]);
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

  async function judge({ entry, text, services }: Extract<FolderReading, { kind: 'read' }>): Promise<Verdict> {
    const first = await renderer.render([{ path: entry, text }]);
    const template = templateOf(first, entry, text);
    if (!template || first.problems.length > 0) return await refused(first, entry, text);
    const parsed = parseTemplate(template);
    if ('problem' in parsed) return rejected(entry, 'invalid', [parsed.problem]);

    const main = readMain(parsed.file, folder);
    const folders = main.folders.map((each) => each.folder);
    if (folders.some((each) => !Object.hasOwn(services, each)) || Object.keys(services).length !== new Set(folders).size) {
      return { kind: 'look-again', folders };
    }

    const texts = new Map(
      Object.entries(services).flatMap(([each, file]) => (file.kind === 'text' ? [[serviceFile(each), file.text]] : [])),
    );
    const second = texts.size === 0 ? first : await renderer.render([...texts].map(([path, each]) => ({ path, text: each })));
    if (second.variables !== first.variables)
      return { kind: 'unknown', reason: 'a variable file changed while the configuration was rendered' };

    const templates = new Map<string, ServiceTemplate>();
    for (const [each, file] of Object.entries(services)) {
      const path = serviceFile(each);
      const found = file.kind === 'text' ? templateOf(second, path, file.text) : { unreadable: `${path} ${file.reason}` };
      if (found) templates.set(each, found);
    }
    const built = buildConfiguration({ entry, main, services: templates, proxyPort });
    const unrendered = await problemsOf(second, texts);
    if ('configuration' in built && unrendered.length === 0 && templates.size === new Set(folders).size) {
      return { kind: 'valid', configuration: built.configuration };
    }
    const problems = [...unrendered, ...('problems' in built ? built.problems : [])];
    return problems.length > 0
      ? rejected(entry, 'invalid', problems)
      : { kind: 'unknown', reason: 'secrets rendered only a part of the configuration' };
  }

  async function refused(reply: RenderReply, entry: EntryName, text: string): Promise<Verdict> {
    const problems = await problemsOf(reply, new Map([[entry, text]]));
    return problems.length > 0 ? rejected(entry, 'invalid', problems) : { kind: 'unknown', reason: 'secrets did not render the main file' };
  }

  async function problemsOf({ problems }: RenderReply, texts: ReadonlyMap<string, string>): Promise<ConfigProblem[]> {
    const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
    return await Promise.all(
      [...unique.values()].map(async ({ path, offset, message, nearest }) => {
        const text = texts.get(path);
        const { line, column, excerpt } = placeAt(text ?? (await folder.variablesText(path)) ?? '', offset);
        // A line of a variable file holds a value: it is counted, never shown.
        return {
          file: path,
          line,
          column,
          message,
          ...(text === undefined ? {} : { excerpt }),
          ...(nearest === undefined ? {} : { nearest }),
        };
      }),
    );
  }
}

function rejected(entry: EntryName, reason: 'invalid' | 'unreadable', problems: readonly ConfigProblem[]): Verdict {
  return { kind: 'invalid', reason, entry, problems };
}

/** The rendered file; null when it was not rendered, or with problems. */
function templateOf({ files, problems }: RenderReply, path: string, source: string): TemplateFile | null {
  if (problems.some((problem) => problem.path === path)) return null;
  const file = files.find((each) => each.path === path);
  return file ? { path, source, rendered: file.text, map: file.map, tainted: file.tainted } : null;
}
