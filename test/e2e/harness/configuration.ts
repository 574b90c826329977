import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@kedge/shared/testing';
import { joinBus, type StackFacts } from './stack.ts';

/** Text of `service.toml` for each service folder. */
export type Services = Readonly<Record<string, string>>;

/**
 * Each story owns the services below its own prefix; the main file names the folders of all stories, so that they run side by side.
 * A lock folder keeps two test processes from writing the main file at the same time.
 */
export async function declare(facts: StackFacts, services: Services): Promise<void> {
  for (const [name, text] of Object.entries(services)) await writeService(facts, name, text);
  await rewriteMain(facts);
}

/**
 * Takes services out of the configuration again, and answers for it as `kedge apply --yes` does, because a change that removes most of
 * what is declared would be held.
 */
export async function undeclare(facts: StackFacts, names: readonly string[]): Promise<void> {
  await locked(facts, async () => {
    const folders = (await serviceFolders(facts)).filter((name) => !names.includes(name));
    await writeMain(facts, folders);
    for (const name of names) await rm(join(facts.configFolder, name), { recursive: true, force: true });
    const bus = await joinBus(facts, 'cli');
    try {
      await waitUntil(async () => {
        const { services } = await bus.request('config.validate', { apply: true });
        return names.every((name) => !services.some((service) => service === name));
      });
    } finally {
      await bus.close();
    }
  });
}

/** Replaces the file of one service at once. */
export async function writeService(facts: StackFacts, name: string, text: string): Promise<void> {
  const folder = join(facts.configFolder, name);
  await mkdir(folder, { recursive: true });
  await replace(join(folder, 'service.toml'), text);
}

export async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Text of the main file for the folders that exist, with what a story adds. */
export function mainText(folders: readonly string[], more = ''): string {
  const services = folders.map((name) => `[[service]]\npath = "${name}"\n`);
  return ['delay = 2', '', '[proxy]', 'strategy = "http-only"', '', ...services, more].join('\n');
}

/** Adds to the main file, or takes away what was added. */
export async function addToMain(facts: StackFacts, more: string): Promise<void> {
  await writeFile(join(facts.folder, addedFile), more);
  await rewriteMain(facts);
}

const addedFile = 'main-added.toml';

/** What a story added to the main file. */
export async function addedText(facts: StackFacts): Promise<string> {
  return await readFile(join(facts.folder, addedFile), 'utf8').catch(() => '');
}

async function rewriteMain(facts: StackFacts): Promise<void> {
  await locked(facts, async () => await writeMain(facts, await serviceFolders(facts)));
}

async function writeMain(facts: StackFacts, folders: readonly string[]): Promise<void> {
  await replace(join(facts.configFolder, facts.mainFile), mainText(folders, await addedText(facts)));
}

export async function serviceFolders(facts: StackFacts): Promise<readonly string[]> {
  const entries = await readdir(facts.configFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** Runs `work` while no other test process does; a folder is the lock, because making one is atomic. */
export async function locked<Result>(facts: StackFacts, work: () => Promise<Result>): Promise<Result> {
  const lock = join(facts.folder, 'lock');
  await waitUntil(
    async () => {
      await mkdir(lock);
      return true;
    },
    { timeoutMs: 120_000, what: 'the lock of the configuration folder' },
  );
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true });
  }
}
