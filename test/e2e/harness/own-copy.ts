import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { root } from '../../architecture/sources.ts';
import { freePort } from './free-port.ts';
import { type Ran, run } from './shell.ts';
import { removeImages, removeLeftovers } from './stack.ts';

/** The whole project in a folder of its own, as after a clone and the installation of its packages. Nothing of it runs yet. */
export interface OwnCopy {
  readonly folder: string;
  readonly project: string;
  readonly httpPort: number;
  readonly registryPort: number;
  /** What keeps it apart from everything else on this machine, as somebody writes it who has other things running. */
  readonly settings: Readonly<Record<string, string>>;
  /** What any command needs, whatever the tests themselves were started with. */
  readonly bare: Readonly<Record<string, string>>;
  /** Runs a command in the folder with nothing but what is given. */
  run(command: string, args: readonly string[], given?: RunGiven): Promise<Ran>;
  /** Takes everything away that it brought to this machine. */
  close(): Promise<void>;
}

interface RunGiven {
  readonly env?: Readonly<Record<string, string>>;
  readonly accept?: readonly number[];
}

const prefix = 'kedge-start';
const leftBehind = new Set(['node_modules', '.git', 'dist', '.kedge', '.env']);

export async function makeOwnCopy(): Promise<OwnCopy> {
  await removeLeftovers({ prefix });
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  const project = basename(folder).toLowerCase();
  await cp(root, folder, { recursive: true, filter: (path) => !leftBehind.has(relative(root, path)) });
  await linkPackages(folder);
  await renameDemo(folder, project);

  const [httpPort = 0, registryPort = 0, natsPort, ...healthPorts] = await Promise.all(Array.from({ length: 8 }, freePort));
  const components = ['WATCHER', 'RECONCILER', 'SCHEDULER', 'PROXY', 'SECRETS'];
  const settings = {
    COMPOSE_PROJECT_NAME: project,
    KEDGE_TAG: project,
    KEDGE_NODE: project.replaceAll(/[^a-z0-9]/g, ''),
    KEDGE_NETWORK: project,
    KEDGE_DOCKER_CONFIG: join(folder, 'docker'),
    KEDGE_HTTP_PORT: String(httpPort),
    KEDGE_NATS_PORT: String(natsPort),
    KEDGE_REGISTRY_PORT: String(registryPort),
    ...Object.fromEntries(components.map((component, index) => [`KEDGE_${component}_HEALTH_PORT`, String(healthPorts[index])])),
  };
  await mkdir(settings.KEDGE_DOCKER_CONFIG);
  const bare = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (/^(PATH|HOME|LANG|DOCKER_HOST)$/.test(name) && value ? [[name, value]] : [])),
  );
  return {
    folder,
    project,
    httpPort,
    registryPort,
    settings,
    bare,
    run: async (command, args, { env = {}, accept = [0] } = {}) =>
      await run(command, args, { cwd: folder, env: { ...bare, ...env }, inherit: false, accept }),
    close: async () => await removeAll({ folder, settings, bare }),
  };
}

/** A folder of its own with links: whatever finds its packages too old may replace them without touching anybody else's. */
async function linkPackages(folder: string): Promise<void> {
  const packages = join(folder, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(root, 'node_modules'))) await symlink(join(root, 'node_modules', name), join(packages, name));
}

/** A demo that runs on this machine has the name already. */
async function renameDemo(folder: string, name: string): Promise<void> {
  const path = join(folder, 'demo/config/hello/service.toml');
  await writeFile(path, (await readFile(path, 'utf8')).replace('name = "hello"', `name = "${name}"`));
}

async function removeAll({ folder, settings, bare }: Pick<OwnCopy, 'folder' | 'settings' | 'bare'>): Promise<void> {
  const docker = async (...args: readonly string[]) =>
    (await run('docker', args, { cwd: folder, env: { ...bare, ...settings }, inherit: false, accept: [0, 1] })).stdout;
  await docker('compose', '--profile', '*', 'down', '--volumes', '--timeout', '5', '--remove-orphans');
  const workloads = (await docker('ps', '-aq', '--filter', `label=kedge.node=${settings.KEDGE_NODE}`))
    .split('\n')
    .filter((id) => id !== '');
  if (workloads.length > 0) await docker('rm', '-f', '-v', ...workloads);
  await docker('network', 'rm', settings.KEDGE_NETWORK ?? '');
  await removeImages(`localhost:${settings.KEDGE_REGISTRY_PORT}/*`);
  await removeImages(`kedge/*:${settings.KEDGE_TAG}`);
  await rm(folder, { recursive: true, force: true });
}
