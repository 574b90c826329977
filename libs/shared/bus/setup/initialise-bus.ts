import { chmod, chown, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCurve, createUser, fromCurveSeed, fromSeed } from '@nats-io/nkeys';
import { type Identity, identities } from '../../contracts/index.ts';
import { renderNatsConfig } from './nats-config.ts';

/** Where the one-shot `init` writes, and for whom. */
export interface InitialiseOptions {
  /** Holds one folder per identity: `<root>/<identity>/`. */
  readonly keysRoot: string;
  readonly natsConfigFile: string;
  readonly storeFolder: string;
  readonly hooks: readonly string[];
  /** User id that must be able to read an identity's folder; default: whoever runs this. */
  readonly owners?: Readonly<Partial<Record<Identity | 'nats', number>>>;
  /** Folder of the project: gets `.kedge/` with the keys of `cli` and `hooks` and a context for the `nats` command. Null: none. */
  readonly projectFolder: string | null;
  /** Where people on the host reach the server. */
  readonly publicUrl: string;
  readonly port?: number;
  readonly monitorPort?: number;
}

/** Identities that seal questions to the secrets component and so need its public key. */
const askers: readonly Identity[] = ['watcher', 'reconciler', 'proxy'];

/** Makes every key that is missing and writes the server's configuration. Repeating it keeps all keys. */
export async function initialiseBus(options: InitialiseOptions): Promise<{ readonly created: readonly Identity[] }> {
  const { keysRoot, natsConfigFile, owners = {}, projectFolder, publicUrl } = options;
  const publicKeys: Partial<Record<Identity, string>> = {};
  const seeds: Partial<Record<Identity, string>> = {};
  const created: Identity[] = [];
  for (const identity of identities) {
    const folder = join(keysRoot, identity);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { seed, isNew } = await keepSeed(join(folder, `${identity}.nk`), () => createUser().getSeed());
    if (isNew) created.push(identity);
    seeds[identity] = seed;
    publicKeys[identity] = fromSeed(bytes(seed)).getPublicKey();
  }
  const curve = await keepSeed(join(keysRoot, 'secrets', 'curve.seed'), () => createCurve().getSeed());
  const curvePublic = fromCurveSeed(bytes(curve.seed)).getPublicKey();
  for (const identity of askers) await writePrivately(join(keysRoot, identity, 'secrets.pub'), `${curvePublic}\n`);
  for (const identity of identities) await giveTo(join(keysRoot, identity), owners[identity]);

  const config = renderNatsConfig({ ...options, publicKeys: publicKeys as Record<Identity, string> });
  await writePrivately(natsConfigFile, config);
  await giveTo(natsConfigFile, owners.nats);
  if (projectFolder !== null) await writeProjectFolder({ projectFolder, seeds, publicUrl });
  return { created };
}

interface ProjectFolder {
  readonly projectFolder: string;
  readonly seeds: Partial<Record<Identity, string>>;
  readonly publicUrl: string;
}

/** `.kedge/` belongs to whoever owns the project folder, so that `kedge` and hooks run without root. */
async function writeProjectFolder({ projectFolder, seeds, publicUrl }: ProjectFolder): Promise<void> {
  const { uid, gid } = await stat(projectFolder);
  const folder = join(projectFolder, '.kedge');
  const contexts = join(folder, 'nats', 'context');
  for (const each of [folder, join(folder, 'nats'), contexts]) {
    await mkdir(each, { recursive: true, mode: 0o700 });
    await chown(each, uid, gid);
  }
  const files: Record<string, string> = {};
  for (const identity of ['cli', 'hooks'] as const) {
    files[join(folder, `${identity}.nk`)] = `${seeds[identity] ?? ''}\n`;
    const context = {
      description: `Kedge, as ${identity}`,
      url: publicUrl,
      nkey: `.kedge/${identity}.nk`,
      inbox_prefix: `_INBOX_${identity}`,
    };
    files[join(contexts, identity === 'hooks' ? 'kedge.json' : 'kedge-cli.json')] = `${JSON.stringify(context, null, 2)}\n`;
  }
  for (const [path, text] of Object.entries(files)) {
    await writePrivately(path, text);
    await chown(path, uid, gid);
  }
}

async function keepSeed(path: string, make: () => Uint8Array): Promise<{ readonly seed: string; readonly isNew: boolean }> {
  const known = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null;
    throw thrown;
  });
  if (known !== null && known.trim() !== '') return { seed: known.trim(), isNew: false };
  const seed = new TextDecoder().decode(make());
  await writePrivately(path, `${seed}\n`);
  return { seed, isNew: true };
}

/** Readers see the old or the new file, never half of one. */
async function writePrivately(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode: 0o600 });
  await chmod(beside, 0o600);
  await rename(beside, path);
}

/** Hands a folder with its files, or a file, to the user that a component runs as. */
async function giveTo(path: string, owner: number | undefined): Promise<void> {
  if (owner === undefined) return;
  if ((await stat(path)).isDirectory()) {
    for (const name of await readdir(path)) await chown(join(path, name), owner, owner);
  }
  await chown(path, owner, owner);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
