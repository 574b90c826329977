import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '@kedge/shared/bus';
import { NodeName } from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import { freePort } from './free-port.ts';
import { run } from './shell.ts';

/** What the stories need to know of the running stack; the same for every test process. */
export interface StackFacts {
  readonly project: string;
  readonly folder: string;
  readonly configFolder: string;
  /** Name of the main file in it. */
  readonly mainFile: string;
  readonly node: string;
  readonly network: string;
  readonly httpPort: number;
  readonly registryPort: number;
  readonly natsPort: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The compose files, the later ones over the earlier ones. */
  readonly files: readonly string[];
}

/** What distinguishes one kind of stack from another. */
interface StackKind {
  /** Begins the names of its project, node, network and folder. */
  readonly prefix: string;
  /** The compose file over the one that users start. */
  readonly overlay: string;
  /** Name of the main file; default `kedge.toml`. */
  readonly mainFile?: string;
  /** Settings of its own; `folder` is made for it and goes with it. */
  readonly settings?: (folder: string) => Promise<Readonly<Record<string, string>>>;
}

/** The variable in which the facts travel to the test processes. */
export const factsVariable = 'KEDGE_E2E_STACK';

const storyStack: StackKind = { prefix: 'kedge-e2e', overlay: 'test/e2e/compose.e2e.yaml', mainFile: 'dispenser.toml' };

/** Starts the whole stack as a user would, under a name, node and ports of its own, with an empty configuration. */
export async function startStack({ prefix, overlay, settings, mainFile = 'kedge.toml' }: StackKind = storyStack): Promise<StackFacts> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  const project = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
  const configFolder = join(folder, 'config');
  await mkdir(configFolder);
  await mkdir(join(folder, 'docker'));
  const [httpPort, registryPort, natsPort, ...healthPorts] = await Promise.all(Array.from({ length: 8 }, freePort));
  const node = project.replaceAll(/[^a-z0-9]/g, '');
  const network = project;
  const environment: Record<string, string> = {
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_PROFILES: 'demo',
    KEDGE_CONFIG: configFolder,
    KEDGE_PROJECT_DIR: folder,
    KEDGE_DOCKER_CONFIG: join(folder, 'docker'),
    KEDGE_NODE: node,
    KEDGE_NETWORK: network,
    KEDGE_HTTP_PORT: String(httpPort),
    KEDGE_REGISTRY_PORT: String(registryPort),
    KEDGE_NATS_PORT: String(natsPort),
    KEDGE_HOOKS: 'e2e',
    ...(await settings?.(folder)),
  };
  for (const [index, component] of ['WATCHER', 'RECONCILER', 'SCHEDULER', 'PROXY', 'SECRETS'].entries()) {
    environment[`KEDGE_${component}_HEALTH_PORT`] = String(healthPorts[index]);
  }
  const facts: StackFacts = {
    project,
    folder,
    configFolder,
    mainFile,
    node,
    network,
    httpPort: httpPort ?? 0,
    registryPort: registryPort ?? 0,
    natsPort: natsPort ?? 0,
    environment,
    files: ['docker-compose.yml', overlay],
  };
  await writeFile(join(configFolder, mainFile), 'delay = 2\n');
  await compose(facts, ['up', '-d', '--wait', '--quiet-pull']);
  process.env[factsVariable] = JSON.stringify(facts);
  return facts;
}

/** Removes what runs that were killed left on the engine: their services' names would be taken. */
export async function removeLeftovers({ prefix }: Pick<StackKind, 'prefix'> = storyStack): Promise<void> {
  const { stdout } = await run('docker', ['ps', '-a', '--format', '{{.ID}} {{.Names}} {{.Label "kedge.node"}}']);
  const ids = stdout.split('\n').flatMap((line) => {
    const [id = '', name = '', node = ''] = line.split(' ');
    return name.startsWith(`${prefix}-`) || node.startsWith(prefix.replaceAll('-', '')) ? [id] : [];
  });
  if (ids.length > 0) await run('docker', ['rm', '-f', '-v', ...ids]);
  // Networks above all: the engine has addresses for a few dozen.
  for (const kind of ['network', 'volume']) {
    const { stdout: names } = await run('docker', [kind, 'ls', '--format', '{{.Name}}', '--filter', `name=^${prefix}-`]);
    const left = names.split('\n').filter((name) => name !== '');
    if (left.length > 0) await run('docker', [kind, 'rm', ...left], { accept: [0, 1] });
  }
}

/** Takes everything down: stack, volumes, the workloads of this node and their network. */
export async function stopStack(facts: StackFacts): Promise<void> {
  await compose(facts, ['down', '-v', '--timeout', '5']);
  const { stdout } = await run('docker', ['ps', '-aq', '--filter', `label=kedge.node=${facts.node}`]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await run('docker', ['rm', '-f', '-v', ...ids]);
  await run('docker', ['network', 'rm', facts.network], { accept: [0, 1] });
  await removeImages(`localhost:${facts.registryPort}/*`);
  await rm(facts.folder, { recursive: true, force: true });
}

/** Removes images from the engine by their names, such as those of a registry: declared ones have a tag, those that were replaced only a digest. */
export async function removeImages(like: string): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}';
  const { stdout } = await run('docker', ['image', 'ls', '--digests', '--format', format, '--filter', `reference=${like}`]);
  const names = new Set(stdout.split(/\s+/).filter((name) => name !== '' && !name.endsWith('<none>')));
  if (names.size > 0) await run('docker', ['rmi', '-f', ...names]);
}

/** The stack that the global set-up started. */
export function theStack(): StackFacts {
  const facts = process.env[factsVariable];
  if (facts === undefined)
    throw new Error('no stack runs; start the stories with npm test, or with --test-global-setup test/e2e/global-setup.ts');
  return JSON.parse(facts) as StackFacts;
}

/** Runs docker compose on the stack. */
export async function compose(facts: StackFacts, args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', ['compose', ...facts.files.flatMap((file) => ['-f', file]), ...args], { env: facts.environment });
  return stdout;
}

/** Joins the bus with a key that init left for people and hooks. */
export async function joinBus(facts: StackFacts, identity: 'cli' | 'hooks'): Promise<Bus> {
  return await connectBus({
    identity,
    node: NodeName.parse(facts.node),
    instance: `e2e-${process.pid}`,
    url: `nats://127.0.0.1:${facts.natsPort}`,
    keysFolder: join(facts.folder, '.kedge'),
    log: silentLog(),
  });
}

/** Runs the command line as a user in the project folder does. */
export async function kedge(facts: StackFacts, args: readonly string[], accept: readonly number[] = [0]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [new URL('../../../libs/cli/main.ts', import.meta.url).pathname, ...args], {
    env: {
      KEDGE_KEYS: join(facts.folder, '.kedge'),
      KEDGE_BUS_URL: `nats://127.0.0.1:${facts.natsPort}`,
      KEDGE_NODE: facts.node,
      NO_COLOR: '1',
    },
    accept,
  });
  return stdout + stderr;
}

/** The text of a file in the configuration folder. */
export async function readConfig(facts: StackFacts, path: string): Promise<string> {
  return await readFile(join(facts.configFolder, path), 'utf8');
}
