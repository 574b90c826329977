import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { entryNames } from '../grammar/configuration.ts';
import { serviceFile } from '../grammar/service-path.ts';
import type { ConfigurationFolder } from '../ports.ts';
import { isDeletedMount } from './deleted-mount.ts';
import type { FolderReading } from './folder-reading.ts';
import { markOf, readText, systemCode } from './read-text.ts';
import { createRememberedTexts } from './remembered-texts.ts';

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
}

/** The configuration folder on disk. What did not change since the last look is not read again. */
export function createConfigurationFolder({ path, name = path, file: chosen }: Place): ConfigurationFolder {
  const mainNames: readonly string[] = chosen === undefined ? entryNames : [chosen];
  const readAll = createRememberedTexts({ markOf, readText, now: Date.now });

  async function look(serviceFolders: readonly string[], envFiles: readonly string[] = []): Promise<FolderReading> {
    let names: readonly string[];
    try {
      names = await readdir(path);
    } catch (thrown) {
      const reason = (await isDeleted()) ? deleted : folderReason(systemCode(thrown));
      return { kind: 'unreadable', file: mainNames[0] ?? '', reason };
    }
    const [entry, second] = mainNames.filter((file) => names.includes(file));
    if (second) return { kind: 'ambiguous' };
    if (!entry) {
      const missing = chosen === undefined ? `there is neither ${entryNames.join(' nor ')} in ${name}` : `there is no ${chosen} in ${name}`;
      return { kind: 'unreadable', file: mainNames[0] ?? '', reason: (await isDeleted()) ? deleted : missing };
    }
    const [main, ...files] = await readAll([entry, ...serviceFolders.map(serviceFile)].map((file) => join(path, file)));
    if (!main || main.kind === 'unreadable') {
      const reason = main?.at ? main.reason : `${entry} ${main?.reason ?? 'cannot be read'}`;
      return { kind: 'unreadable', file: entry, reason, ...(main?.at && { at: main.at }) };
    }
    return {
      kind: 'read',
      entry,
      text: main.text,
      services: Object.fromEntries(serviceFolders.flatMap((folder, index) => (files[index] ? [[folder, files[index]]] : []))),
      variables: await markVariables(names),
      ...(envFiles.length > 0 && { envFiles: await marksOf(envFiles) }),
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
  async function marksOf(files: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(await Promise.all(files.map(async (file) => [file, (await markOf(join(path, file))).mark] as const)));
  }

  async function markVariables(names: readonly string[]): Promise<string> {
    const marks = await marksOf(names.filter((file) => variableFile.test(file)).toSorted());
    return Object.entries(marks)
      .map(([file, mark]) => `${file}:${mark}`)
      .join('\n');
  }

  return {
    path,
    name,
    look,
    async variablesText(file) {
      if (!isLocal(file)) return null;
      const read = await readText(join(path, file));
      return read.kind === 'text' ? read.text : null;
    },
  };
}
