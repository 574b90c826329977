import { posix } from 'node:path';
import { entryNames } from '../grammar/configuration.ts';
import { serviceFile } from '../grammar/service-path.ts';
import type { TemplateFolder } from '../ports.ts';
import type { Engine } from './engine.ts';
import { renderedDocument } from './render-file.ts';
import type { Variables } from './variables.ts';

interface Named {
  readonly engine: Engine;
  readonly folder: TemplateFolder;
  readonly variables: Pick<Variables, 'values' | 'secrets'>;
}

/** The env files that services of the folder name, as paths inside of it. What is wrong with the files is not this one's to say. */
export async function findEnvFiles({ engine, folder, variables }: Named): Promise<string[]> {
  const mains = await Promise.all(entryNames.map(document));
  const folders = mains.flatMap((main) => listAt(main, 'service')).flatMap((service) => pathIn(fieldOf(service, 'path')));
  const found = await Promise.all(
    folders.map(async (path) => {
      const named = fieldOf(fieldOf(await document(serviceFile(posix.normalize(path))), 'service'), 'env_file');
      const files = Array.isArray(named) ? named : [named];
      return files
        .flatMap((file: unknown) => pathIn(typeof file === 'object' ? fieldOf(file, 'path') : file))
        .map((file) => posix.join(path, file));
    }),
  );
  return [...new Set(found.flat())].filter((path) => !path.startsWith('..'));

  async function document(path: string): Promise<unknown> {
    const file = path.startsWith('..') ? null : await folder.read(path);
    return file?.text ? renderedDocument(engine, file.text, variables) : null;
  }
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
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
