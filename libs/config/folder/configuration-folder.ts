import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { entryNames } from '../grammar/configuration.ts';
import { serviceFile } from '../grammar/service-path.ts';
import type { ConfigurationFolder } from '../ports.ts';
import { isDeletedMount } from './deleted-mount.ts';
import type { FileReading, FolderReading } from './folder-reading.ts';

/** A larger file is a mistake, and its spec would not fit into KV. */
const largestFileBytes = 256 * 1024;
const variableFile = /(^|\.)dispenser\.vars$/;

interface Place {
  readonly path: string;
  readonly name?: string | undefined;
}

/** The configuration folder on disk. */
export function createConfigurationFolder({ path, name = path }: Place): ConfigurationFolder {
  async function look(serviceFolders: readonly string[]): Promise<FolderReading> {
    let names: readonly string[];
    try {
      names = await readdir(path);
    } catch (thrown) {
      const reason = (await isDeleted()) ? deleted : `the configuration folder ${name} cannot be read (${systemCode(thrown)})`;
      return { kind: 'unreadable', file: entryNames[0], reason };
    }
    const [entry, second] = entryNames.filter((file) => names.includes(file));
    if (second) return { kind: 'ambiguous' };
    if (!entry) {
      const reason = (await isDeleted()) ? deleted : `there is neither ${entryNames.join(' nor ')} in ${name}`;
      return { kind: 'unreadable', file: entryNames[0], reason };
    }
    const main = await readTemplate(entry);
    if (main.kind === 'unreadable') return { kind: 'unreadable', file: entry, reason: `${entry} ${main.reason}` };
    const services = await Promise.all(serviceFolders.map(async (folder) => [folder, await readTemplate(serviceFile(folder))] as const));
    return { kind: 'read', entry, text: main.text, services: Object.fromEntries(services), variables: await markVariables(names) };
  }

  const deleted = `the configuration folder ${name} was deleted, or replaced by another one, while it was mounted: what lies there now cannot be seen from here. Run "docker compose up -d --force-recreate watcher secrets reconciler", and from now on put files into the folder rather than replace it`;

  /** Not every file system counts links of folders; the kernel marks the mount in any case. */
  async function isDeleted(): Promise<boolean> {
    try {
      const { nlink } = await stat(path);
      return nlink === 0 || isDeletedMount(await readFile('/proc/self/mountinfo', 'utf8'), path);
    } catch {
      return false; // the caller has a reason of its own
    }
  }

  async function readTemplate(file: string): Promise<FileReading> {
    try {
      const { size } = await stat(join(path, file));
      if (size > largestFileBytes) return { kind: 'unreadable', reason: `is larger than ${largestFileBytes / 1024} KiB` };
      return { kind: 'text', text: await readFile(join(path, file), 'utf8') };
    } catch (thrown) {
      const code = systemCode(thrown);
      return { kind: 'unreadable', reason: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
    }
  }

  /** Name, size, time and inode of each variable file: enough to notice a change without ever reading a value. */
  async function markVariables(names: readonly string[]): Promise<string> {
    const marks = names
      .filter((file) => variableFile.test(file))
      .toSorted()
      .map(async (file) => {
        try {
          const { size, mtimeMs, ino } = await stat(join(path, file));
          return `${file}:${size}:${mtimeMs}:${ino}`;
        } catch (thrown) {
          return `${file}:${systemCode(thrown)}`;
        }
      });
    return (await Promise.all(marks)).join('\n');
  }

  return {
    path,
    name,
    look,
    async variablesText(file) {
      if (!variableFile.test(file) || file.includes('/')) return null;
      const read = await readTemplate(file);
      return read.kind === 'text' ? read.text : null;
    },
  };
}

function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
}
