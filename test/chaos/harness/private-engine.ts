import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@kedge/shared/testing';
import { run } from '../../e2e/harness/shell.ts';

/** A machine of its own with an engine that may be stopped, killed and filled up; it is a container of the engine outside. */
export interface PrivateEngine {
  /** At the same path inside and outside: what a container of the private engine mounts has to be below it. */
  readonly folder: string;
  readonly socket: string;
  /** Runs a script on that machine. */
  shell(script: string): Promise<string>;
  /** Asks the engine to end, or kills it; resolves when it is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Resolves when the engine answers, which it does before its containers are up again. */
  start(): Promise<void>;
  /** All processes die at once, those in containers too, and what the kernel knew of networks is gone. The engine does not start. */
  losePower(): Promise<void>;
  /** Takes images over from the engine outside. */
  load(images: readonly string[]): Promise<void>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

interface PrivateEngineOptions {
  /** Ports of the machine that are reached on 127.0.0.1 outside under the same number. */
  readonly ports: readonly number[];
  /** Where given, all the engine has is kept in so much memory, and lost with the power; else on a disk without a limit of its own. */
  readonly diskMegabytes?: number | undefined;
}

const label = 'kedge.test=private-engine';
const image = 'node:26-trixie-slim';
const dataRoot = '/var/lib/docker';
const pidFile = '/run/docker.pid';
/** Where the machine sees the programs that scripts/engine unpacked. */
const programs = '/opt/kedge-engine';
const unpacked = join(process.env.KEDGE_ENGINE_HOME ?? '/var/lib/kedge-engine', 'bin');

/** Engines are not nested on machines whose own programs are out of reach: then this tells why. */
export async function startPrivateEngine({ ports, diskMegabytes }: PrivateEngineOptions): Promise<PrivateEngine | string> {
  const outside = { DOCKER_HOST: process.env.DOCKER_HOST ?? '' };
  const docker = async (args: readonly string[], accept: readonly number[] = [0]) => await run('docker', args, { env: outside, accept });
  await removeLeftovers();

  const folder = await mkdtemp(join(tmpdir(), 'kedge-private-'));
  const socket = join(folder, 'docker.sock');
  const { stdout } = await docker([
    ...['run', '-d', '--privileged', '--label', label, '--label', `kedge.test.owner=${process.pid} ${folder}`],
    ...ports.flatMap((port) => ['-p', `127.0.0.1:${port}:${port}`]),
    // The programs of the machine outside, and their libraries.
    ...['-v', '/usr:/usr:ro'],
    ...(await mounted('/etc/alternatives', '/etc/alternatives')),
    ...(await mounted(unpacked, programs)),
    ...['-v', `${folder}:${folder}`, '--tmpfs', '/run:exec'],
    ...(diskMegabytes === undefined ? ['-v', dataRoot] : ['--tmpfs', `${dataRoot}:exec,dev,suid,size=${diskMegabytes}m`]),
    // Waiting for any child, number 1 also buries the orphans; it outlives those that it waits for.
    ...['-e', `PATH=${programs}:${path}`, '-e', 'container=docker'],
    ...['--entrypoint', 'sh', image, '-c', 'while :; do sleep infinity & wait; done'],
  ]);
  const machine = stdout.trim();

  const shell = async (script: string) => (await docker(['exec', machine, 'sh', '-ec', script])).stdout;
  const answers = async () => (await run('docker', ['-H', `unix://${socket}`, 'version'], { accept: [0, 1] })).code === 0;

  async function start(): Promise<void> {
    const options = [
      ...['-H', `unix://${socket}`, '--group', String(process.getgid?.() ?? 0), '--data-root', dataRoot],
      ...['--exec-root', '/run/docker', '--pidfile', pidFile, '--live-restore=false'],
    ];
    await docker(['exec', '-d', machine, 'sh', '-ec', `${prepareCgroups}\nexec dockerd ${options.join(' ')} >>${folder}/dockerd.log 2>&1`]);
    await waitUntil(answers, { timeoutMs: 60_000, what: 'the private engine answers' }).catch(async (thrown: unknown) => {
      throw new Error(`dockerd does not answer; it said:\n${await shell(`tail -n 20 ${folder}/dockerd.log`)}`, { cause: thrown });
    });
  }

  const close = async () => await remove(machine, folder);

  const missing = await docker(['exec', machine, 'sh', '-c', 'command -v dockerd containerd runc iptables >/dev/null || echo missing']);
  if (missing.stdout !== '') {
    await close();
    return 'the programs of an engine (dockerd, containerd, runc, iptables) are not on this machine';
  }
  try {
    await start();
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    folder,
    socket,
    shell,
    async stop(signal) {
      await shell(`pid=$(cat ${pidFile}); kill -${signal.slice(3)} "$pid"; while [ -e "/proc/$pid/exe" ]; do sleep 0.05; done`);
    },
    start,
    async losePower() {
      await killAll(machine);
      await docker(['kill', machine]);
      await docker(['start', machine]);
    },
    async load(images) {
      await run('sh', ['-c', `docker save ${images.join(' ')} | DOCKER_HOST=unix://${socket} docker load -q`], { env: outside });
    },
    close,
  };

  /** Machines of test processes that were killed. */
  async function removeLeftovers(): Promise<void> {
    const format = '{{.ID}} {{.Label "kedge.test.owner"}}';
    const { stdout: lines } = await docker(['ps', '-a', '--filter', `label=${label}`, '--format', format]);
    for (const line of lines.split('\n').filter((text) => text !== '')) {
      const [id = '', owner = '', leftFolder = ''] = line.split(' ');
      if (await exists(`/proc/${owner}`)) continue;
      await remove(id, leftFolder);
    }
  }

  async function remove(id: string, folderOfIt: string): Promise<void> {
    await killAll(id);
    await docker(['rm', '-f', '-v', id]);
    await rm(folderOfIt, { recursive: true, force: true });
  }

  /**
   * All but number 1. In version 1 of control groups a frozen process does not even die before it is thawed, and Kedge freezes containers
   * for a moment; with the signal waiting for it none runs another line. Harmless for a machine that does not run.
   */
  async function killAll(id: string): Promise<void> {
    const script = 'kill -9 -1; for state in $(find /sys/fs/cgroup -name freezer.state); do echo THAWED >"$state" || true; done';
    await docker(['exec', id, 'sh', '-c', script], [0, 1, 137]);
  }
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** In version 2 only a group without processes of its own hands controllers down. */
const prepareCgroups = `
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs || true
  sed 's/ / +/g; s/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi`;

/** Nothing where there is no such folder: the engine would make one. */
async function mounted(source: string, target: string): Promise<readonly string[]> {
  return (await exists(source)) ? ['-v', `${source}:${target}:ro`] : [];
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
