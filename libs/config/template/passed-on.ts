import { posix } from 'node:path';
import { isEnvFileName } from '../env-file-name.ts';
import { entryNames } from '../grammar/configuration.ts';
import { serviceFile } from '../grammar/service-path.ts';
import type { TemplateFolder } from '../ports.ts';
import { type Engine, mostAnswerMs } from './engine.ts';
import { derivedTexts, renderedDocument } from './render-file.ts';
import type { Variables } from './variable-document.ts';

interface Places {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly variables: Pick<Variables, 'values' | 'secrets'>;
  /** What the main file is called; absent: whichever there is of those names that it has by default. */
  readonly mainFile?: string | undefined;
}

/** What containers may know beside the values of variables as they are. */
export interface PassedOn {
  /** The env files that services name, as paths inside of the folder. */
  readonly envFiles: readonly string[];
  /** What templates make of variables, as far as no value can be seen in it any more. */
  readonly derived: readonly string[];
}

/** Looks through the services of the folder as it is. What is wrong with the files is not this one's to say. */
export async function findPassedOn({ engine: whole, folder, variables, mainFile }: Places): Promise<PassedOn> {
  const engine = whole.within(mostAnswerMs);
  const mains = await Promise.all((mainFile === undefined ? entryNames : [mainFile]).map(textOf));
  const paths = mains.flatMap((text) => listAt(document(text), 'service')).flatMap((service) => pathIn(fieldOf(service, 'path')));
  const services = await Promise.all(paths.map(async (path) => ({ path, text: await textOf(serviceFile(posix.normalize(path))) })));
  const envFiles = services.flatMap(({ path, text }) => {
    const named = fieldOf(fieldOf(document(text), 'service'), 'env_file');
    const files = Array.isArray(named) ? named : [named];
    return files
      .flatMap((file: unknown) => pathIn(typeof file === 'object' ? fieldOf(file, 'path') : file))
      .map((file) => posix.join(path, file));
  });
  return {
    envFiles: [...new Set(envFiles)].filter((path) => !isElsewhere(path) && isEnvFileName(path)),
    derived: [...new Set(services.flatMap(({ text }) => (text === null ? [] : derivedTexts({ engine, text, variables }))))],
  };

  function document(text: string | null): unknown {
    return text === null ? null : renderedDocument({ engine, text, variables });
  }

  async function textOf(path: string): Promise<string | null> {
    const file = isElsewhere(path) ? null : await folder.read(path);
    return file?.text ?? null;
  }
}

/** Outside of the folder, or nowhere. */
function isElsewhere(path: string): boolean {
  return path.startsWith('..') || path.includes('\0');
}

/** A relative path, or none. */
function pathIn(value: unknown): string[] {
  return typeof value === 'string' && value !== '' && !posix.isAbsolute(value) ? [value] : [];
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
