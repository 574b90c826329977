import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { listFiles, root } from '../architecture/sources.ts';
import type { Known } from './check-mention.ts';
import { readKedgeUsage } from './kedge-usage.ts';

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });

interface SourceText {
  readonly file: string;
  readonly text: string;
}

async function readSources(pattern: RegExp): Promise<readonly SourceText[]> {
  const files = (await listFiles(pattern)).filter((file) => !/\.(?:test|it)\.ts$|\/testing\/|^test\/map\//.test(file));
  return await Promise.all(files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })));
}

/** What Kedge consists of, without its tests. */
export async function productSources(): Promise<readonly SourceText[]> {
  return await readSources(/^(?:services|libs)\/.*\.ts$/);
}

/** Of what runs: the stack, the scripts, the components, the stories; not of tests of single files, which may name what never existed. */
async function variables(): Promise<ReadonlySet<string>> {
  const texts = (await readSources(/\.(?:ts|sh|ya?ml)$|^kedge$/)).map(({ text }) => text);
  const ours = texts.flatMap((text) => [...text.matchAll(/\bKEDGE(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name));
  const others = texts.flatMap((text) =>
    [...text.matchAll(/(?:\b(?:env|environment)\.|\$\{?)([A-Z][A-Z0-9_]*)\b/g)].map((match) => match[1] ?? ''),
  );
  return new Set([...ours, ...others]);
}

/** What there is, for a reader of each document. */
export async function readKnown(): Promise<(document: string) => Known> {
  const { scripts } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const shared = { npmScripts: new Set(Object.keys(scripts)), kedge: await readKedgeUsage(), variables: await variables() };
  return (document) => ({
    ...shared,
    // From the top, from beside the document, or in each component: the rooms of the floor plan are named without one.
    exists: (path) => ['', dirname(document), 'services/watcher'].some((folder) => existsSync(join(root, folder, path))),
  });
}
