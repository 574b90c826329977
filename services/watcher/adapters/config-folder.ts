import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { entryNames } from '../core/configuration/configuration.ts';
import type { FileReading, FolderReading } from '../core/configuration/folder-reading.ts';
import { serviceFile } from '../core/configuration/service-path.ts';
import type { ConfigurationFolder } from '../ports.ts';

/** A larger file is a mistake, and its spec would not fit into KV. */
const largestFileBytes = 256 * 1024;
const variableFile = /(^|\.)dispenser\.vars$/;

/** The configuration folder on disk. */
export function createConfigFolder(path: string): ConfigurationFolder {
  async function look(serviceFolders: readonly string[]): Promise<FolderReading> {
    let names: readonly string[];
    try {
      names = await readdir(path);
    } catch (thrown) {
      return { kind: 'unreadable', file: entryNames[0], reason: `the configuration folder ${path} cannot be read (${systemCode(thrown)})` };
    }
    const [entry, second] = entryNames.filter((name) => names.includes(name));
    if (second) return { kind: 'ambiguous' };
    if (!entry) return { kind: 'unreadable', file: entryNames[0], reason: `there is neither ${entryNames.join(' nor ')} in ${path}` };

    const main = await readTemplate(entry);
    if (main.kind === 'unreadable') return { kind: 'unreadable', file: entry, reason: `${entry} ${main.reason}` };
    const services = await Promise.all(serviceFolders.map(async (folder) => [folder, await readTemplate(serviceFile(folder))] as const));
    return { kind: 'read', entry, text: main.text, services: Object.fromEntries(services), variables: await markVariables(names) };
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
      .filter((name) => variableFile.test(name))
      .toSorted()
      .map(async (name) => {
        try {
          const { size, mtimeMs, ino } = await stat(join(path, name));
          return `${name}:${size}:${mtimeMs}:${ino}`;
        } catch (thrown) {
          return `${name}:${systemCode(thrown)}`;
        }
      });
    return (await Promise.all(marks)).join('\n');
  }

  return {
    path,
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
