import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { entryNames } from '../grammar/configuration.ts';
import type { ConfigurationFolder } from '../ports.ts';
import type { ChangeHints } from './change-hints.ts';
import { isDeletedMount } from './deleted-mount.ts';
import type { FolderReading } from './folder-reading.ts';
import { largestBytes } from './largest-bytes.ts';
import { marksOf } from './marks.ts';
import { readText, systemCode } from './read-text.ts';
import { createRememberedNames } from './remembered-names.ts';
import { createRememberedTexts } from './remembered-texts.ts';
import { createServiceTexts } from './service-texts.ts';

const variableFile = /(^|\.)dispenser\.vars$/;

/** Inside of the folder. */
function isLocal(file: string): boolean {
  return file !== '' && !isAbsolute(file) && !normalize(file).startsWith('..');
}

interface Place {
  readonly path: string;
  readonly name?: string | undefined;
  /** The main file, where somebody chose it: a name in the folder. Whatever else lies there is none. */
  readonly file?: string | undefined;
  /** For whoever looks again and again: spares it the look at files of which nobody says that they changed. */
  readonly hints?: ChangeHints;
}

/** The configuration folder on disk. What did not change since the last look is not read again. */
export function createConfigurationFolder({ path, name = path, file: chosen, hints }: Place): ConfigurationFolder {
  const mainNames: readonly string[] = chosen === undefined ? entryNames : [chosen];
  const readNames = createRememberedNames({
    marksOf,
    readdir,
    now: Date.now,
    isWanted: (file) => mainNames.includes(file) || variableFile.test(file),
  });
  const readMain = createRememberedTexts({ marksOf, readText, now: Date.now });
  const readServices = createServiceTexts({ path, hints });

  async function look(serviceFolders: readonly string[], envFiles: readonly string[] = []): Promise<FolderReading> {
    let names: readonly string[];
    try {
      names = await readNames(path);
    } catch (thrown) {
      const reason = (await isDeleted()) ? deleted : folderReason(systemCode(thrown));
      return { kind: 'unreadable', file: mainNames[0] ?? '', missingIn: name, reason };
    }
    const [entry, second] = mainNames.filter((file) => names.includes(file));
    if (second) return { kind: 'ambiguous' };
    if (!entry) {
      const missing = chosen === undefined ? `there is neither ${entryNames.join(' nor ')} in ${name}` : `there is no ${chosen} in ${name}`;
      // Who chose a file looks for its name.
      const place = chosen === undefined && { missingIn: name };
      return { kind: 'unreadable', file: mainNames[0] ?? '', ...place, reason: (await isDeleted()) ? deleted : missing };
    }
    const [main] = (await readMain([join(path, entry)])).readings;
    if (!main || main.kind === 'unreadable') {
      const reason = main?.at ? main.reason : `${entry} ${main?.reason ?? 'cannot be read'}`;
      return { kind: 'unreadable', file: entry, reason, ...(main?.at && { at: main.at }) };
    }
    return {
      kind: 'read',
      entry,
      text: main.text,
      ...(await readServices.look(serviceFolders)),
      variables: await markVariables(names),
      ...(envFiles.length > 0 && { envFiles: await marksIn(envFiles) }),
    };
  }

  const deleted = `the configuration folder ${name} was deleted, or replaced by another one, while it was mounted: what lies there now cannot be seen from here. Run "docker compose up -d --force-recreate watcher secrets reconciler", and from now on put files into the folder rather than replace it`;

  function folderReason(code: string): string {
    if (code === 'ENOENT') return `the configuration folder ${name} does not exist`;
    if (code === 'ENOTDIR') return `${name} is a file; the folder that it lies in is meant`;
    return `the configuration folder ${name} cannot be read (${code})`;
  }

  /** Not every file system counts links of folders; the kernel marks the mount in any case. */
  async function isDeleted(): Promise<boolean> {
    try {
      const { nlink } = await stat(path);
      return nlink === 0 || isDeletedMount(await readFile('/proc/self/mountinfo', 'utf8'), path);
    } catch {
      return false; // the caller has a reason of its own
    }
  }

  /** Enough to notice a change without ever reading a value. */
  async function marksIn(files: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const marks = await marksOf(files.map((file) => join(path, file)));
    return Object.fromEntries(files.map((file, index) => [file, marks[index]?.mark ?? '']));
  }

  async function markVariables(names: readonly string[]): Promise<string> {
    const marks = await marksIn(names.filter((file) => variableFile.test(file)).toSorted());
    return Object.entries(marks)
      .map(([file, mark]) => `${file}:${mark}`)
      .join('\n');
  }

  return {
    path,
    name,
    look,
    doubt: () => readServices.doubt(),
    async variablesText(file) {
      if (!isLocal(file)) return null;
      const read = await readText(join(path, file), largestBytes.variables);
      return read.kind === 'text' ? read.text : null;
    },
  };
}
