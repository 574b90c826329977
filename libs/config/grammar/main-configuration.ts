import type { ConfigProblem } from '@kedge/shared/contracts';
import { checkTable } from './check-table.ts';
import { cutTexts } from './cut-text.ts';
import { withoutValues } from './declared-service.ts';
import { judgeMain } from './judge-main.ts';
import { MainFile, MainPart } from './main-file.ts';
import { sealTainted } from './seal-tainted.ts';
import { type NamedFolder, servicePath } from './service-path.ts';
import { shownServiceFile } from './shown-path.ts';
import { problemAt, quoted, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { warningsOfNetworks } from './warnings.ts';

/** A `[[service]]` of the main file. */
export interface ListedService {
  /** Of its file, relative to the configuration folder. */
  readonly folder: string;
  /** Which it is. */
  readonly index: number;
  /** What messages call its file. */
  readonly shownAs: string;
}

/** What a main file says. It holds no value that a variable filled where messages come from. */
export interface MainConfiguration {
  readonly file: TomlFile;
  /** Null when something is wrong with it. */
  readonly main: MainFile | null;
  /** What is well-formed of it. */
  readonly part: MainPart;
  /** Folders of services, as far as they can be told although something else is wrong. */
  readonly folders: readonly ListedService[];
  /** False where it may name more than can be told. */
  readonly tells: { readonly allServices: boolean; readonly allNetworks: boolean };
  readonly problems: readonly ConfigProblem[];
  /** What is allowed, and dangerous or easily meant otherwise. */
  readonly warnings: readonly ConfigProblem[];
}

interface MainToRead {
  readonly file: TomlFile;
  readonly within: NamedFolder;
  /** Values that nobody could fill in. */
  readonly unknown?: readonly Pointer[];
}

/** Reads the main file. */
export function readMain({ file, within, unknown = [] }: MainToRead): MainConfiguration {
  const sealed = sealTainted(file);
  const secret = file.tainted.filter(({ origin }) => origin === 'secret-source');
  const misplaced = sealed.problems.length === 0 ? [] : secret.map(({ pointer }) => pointer);
  const checked = checkTable({ file, root: sealed.root, schema: MainFile, part: MainPart, unknown: [...unknown, ...misplaced] });
  const part = checked.part ?? {};
  const listed = foldersOf(part, { file, within });
  const problems = [...sealed.problems, ...checked.problems, ...listed.problems, ...judgeMain(part, file)];
  const main = problems.length > 0 ? null : checked.value;
  const warnings = [...cutTexts(file), ...warningsOfNetworks({ file, part })];
  return { file: withoutValues(file), main, part, folders: listed.folders, tells: told(part, file), problems, warnings };
}

/** Also from a file that has other faults, so that those of the services are told together with its own. */
function foldersOf({ service = [] }: MainPart, { file, within }: MainToRead): Pick<MainConfiguration, 'folders' | 'problems'> {
  const folders = new Map<string, ListedService>();
  const problems: ConfigProblem[] = [];
  for (const [index, each] of service.entries()) {
    if (each?.path === undefined) continue;
    const pointer = ['service', index, 'path'];
    const place = servicePath(each.path, within);
    const first = place.ok ? folders.get(place.folder) : undefined;
    if (!place.ok) problems.push(problemAt(file, { pointer, message: place.message }));
    else if (first) problems.push(listedTwice(file, { pointer, folder: place.folder, first: first.index }));
    else folders.set(place.folder, { folder: place.folder, index, shownAs: shownServiceFile(file, { pointer, folder: place.folder }) });
  }
  return { folders: [...folders.values()], problems };
}

function told({ service = [], network = [] }: MainPart, { root }: TomlFile): MainConfiguration['tells'] {
  const isList = (value: unknown) => value === undefined || Array.isArray(value);
  return {
    allServices: isList(root.service) && service.every((each) => each?.path !== undefined),
    allNetworks: isList(root.network) && network.every((each) => each?.name !== undefined),
  };
}

interface Again {
  readonly pointer: Pointer;
  readonly folder: string;
  /** Which it was before. */
  readonly first: number;
}

function listedTwice(file: TomlFile, { pointer, folder, first }: Again): ConfigProblem {
  const earlier = problemAt(file, { pointer: ['service', first, 'path'], message: '' });
  const problem = problemAt(file, { pointer, message: '' });
  const places = `at line ${earlier.line} and ${problem.line}`;
  return {
    ...problem,
    message: `${problem.message}${quoted(file, { pointer, value: folder })} is listed twice, ${places}; keep one of the two`,
  };
}
