import type { ConfigProblem } from '@kedge/shared/contracts';
import type { Configuration, EntryName } from './configuration.ts';
import { declareService } from './declared-service.ts';
import { judgeServices } from './judge-services.ts';
import type { MainConfiguration } from './main-configuration.ts';
import { unusedTables } from './main-file.ts';
import { parseTemplate, problemAt, type TemplateFile } from './template-file.ts';

/** The file of one declared folder, or why it cannot be read. */
export type ServiceTemplate = TemplateFile | { readonly unreadable: string };

interface Parts {
  readonly entry: EntryName;
  readonly main: MainConfiguration;
  /** By folder. A folder that is not in it had problems that are told elsewhere. */
  readonly services: ReadonlyMap<string, ServiceTemplate>;
  /** Port of the host that our own proxy listens on, where it is known. */
  readonly proxyPort: number | null;
}

export type Built = { readonly configuration: Configuration } | { readonly problems: readonly ConfigProblem[] };

/** More are not told at once: they travel in events and stand in KV. */
const mostProblems = 100;

/** Puts a configuration together from its files, or tells everything that is wrong with it. */
export function buildConfiguration({ entry, main, services, proxyPort: port }: Parts): Built {
  const problems: ConfigProblem[] = [...main.problems];
  const declared = main.folders.flatMap(({ folder, index }) => {
    const template = services.get(folder);
    if (!template) return [];
    if ('unreadable' in template) {
      problems.push(problemAt(main.file, ['service', index, 'path'], { message: template.unreadable }));
      return [];
    }
    const parsed = parseTemplate(template);
    if ('problem' in parsed) {
      problems.push(parsed.problem);
      return [];
    }
    const read = declareService(parsed.file, folder);
    problems.push(...read.problems);
    return read.service ? [read.service] : [];
  });

  const complete = declared.length === main.folders.length;
  const proxyPort = main.main && main.main.proxy?.enabled !== false ? port : null;
  problems.push(...judgeServices(declared, { networks: main.main && (main.main.network ?? []), proxyPort, complete }));
  if (!main.main || problems.length > 0) return { problems: problems.toSorted(inReadingOrder).slice(0, mostProblems) };
  return {
    configuration: {
      entry,
      delay: main.main.delay,
      networks: main.main.network,
      proxy: main.main.proxy,
      services: declared.map(({ folder, spec }) => ({ name: spec.service.name, folder, spec })),
      unused: unusedTables.filter((table) => main.main?.[table] !== undefined),
    },
  };
}

function inReadingOrder(left: ConfigProblem, right: ConfigProblem): number {
  return left.file.localeCompare(right.file) || left.line - right.line || left.column - right.column;
}
