import type { Found, StatusReply } from '@kedge/shared/contracts';
import type { DiskSpace } from '../ports.ts';

/** What was looked at, or why it could not be. */
export type Looked<Value> = { readonly value: Value } | { readonly problem: string };

interface Engine {
  readonly version: string;
  readonly platform: string;
  readonly apiVersion: string;
}

/** Who acts on the engine. */
export type Role =
  | { readonly kind: 'acts' }
  /** `holder`: the instance that has the right to act; null while nobody has it. */
  | { readonly kind: 'stands-by'; readonly holder: string | null }
  /** It has the right, and is not ready to use it. */
  | { readonly kind: 'takes-over'; readonly problem: string | null }
  /** Nobody can have it, because the bus takes no writes. */
  | { readonly kind: 'bus-full'; readonly problem: string }
  | { readonly kind: 'node-taken'; readonly message: string };

/** The durable consumer that commands wait in. */
export type Commands =
  | { readonly kind: 'there'; readonly waiting: number; readonly isRead: boolean }
  | { readonly kind: 'unusable'; readonly problem: string; readonly advice: string };

interface Examined {
  readonly engine: Looked<Engine>;
  readonly disk: Looked<DiskSpace>;
  readonly role: Looked<Role>;
  readonly commands: Commands;
  readonly services: Looked<StatusReply['services']>;
}

/** The oldest API with all that Kedge asks for: a fixed address and a check's own interval while a container starts (Docker 25). */
const oldestApi = '1.44';
/** Less free than this share, or than these bytes, soon keeps images from being pulled. */
const littleShare = 0.1;
const littleBytes = 2_000_000_000;
const hardlyAnyBytes = 200_000_000;

const itsLogs = '"docker compose logs reconciler" says more';
const busLogs = '"docker compose logs nats" says more';

/** What the reconciler tells `kedge doctor`: the engine, its disk, who acts on it, whether commands are taken, and which services wait. */
export function examineEngine({ engine, disk, role, commands, services }: Examined): Found[] {
  return [
    engineFinding(engine),
    diskFinding(disk),
    roleFinding(role),
    commandsFinding(commands, 'value' in role && role.value.kind === 'acts'),
    ...waitingFindings(services),
  ];
}

function engineFinding(engine: Looked<Engine>): Found {
  const what = 'engine';
  if ('problem' in engine) {
    const advice = '"systemctl status docker" and "docker info" on its machine say more; KEDGE_DOCKER_SOCKET names its socket';
    return { what, state: 'failed', message: engine.problem, advice };
  }
  const { version, platform, apiVersion } = engine.value;
  const message = `version ${version} on ${platform}, API ${apiVersion}`;
  const isOld = apiVersion.localeCompare(oldestApi, 'en', { numeric: true }) < 0;
  if (!isOld) return { what, state: 'fine', message };
  return { what, state: 'failed', message, advice: `update Docker: Kedge needs API ${oldestApi}, which came with Docker 25` };
}

function diskFinding(disk: Looked<DiskSpace>): Found {
  const what = 'disk';
  if ('problem' in disk) return { what, state: 'warning', message: `it cannot be looked at: ${disk.problem}`, advice: itsLogs };
  const { totalBytes, freeBytes } = disk.value;
  const percent = Math.floor((100 * freeBytes) / Math.max(1, totalBytes));
  const message = `${(freeBytes / 1e9).toFixed(1)} GB free of ${(totalBytes / 1e9).toFixed(1)} GB (${percent} %)`;
  const advice = '"docker system df" shows what fills it, "docker image prune" removes images without a name';
  if (freeBytes < hardlyAnyBytes) return { what, state: 'failed', message, advice };
  const isLow = freeBytes < littleBytes || freeBytes < totalBytes * littleShare;
  return isLow ? { what, state: 'warning', message, advice } : { what, state: 'fine', message };
}

function roleFinding(role: Looked<Role>): Found {
  const what = 'role';
  if ('problem' in role) {
    return { what, state: 'failed', message: `who acts on the engine cannot be read: ${role.problem}`, advice: busLogs };
  }
  const is = role.value;
  switch (is.kind) {
    case 'acts':
      return { what, state: 'fine', message: 'this instance acts on the engine' };
    case 'stands-by': {
      if (is.holder !== null) return { what, state: 'fine', message: `this instance stands by: ${is.holder} acts on the engine` };
      const advice = `one takes it within 15 s; if it stays so, ${itsLogs}`;
      return { what, state: 'warning', message: 'nobody has the right to act on the engine', advice };
    }
    case 'takes-over': {
      const message = `this instance is about to act on the engine${is.problem === null ? '' : `, and cannot yet: ${is.problem}`}`;
      return { what, state: 'warning', message, advice: `ask again in a minute; if it stays so, ${itsLogs}` };
    }
    case 'bus-full': {
      const message = `nobody can claim the right to act on the engine: ${is.problem}`;
      return { what, state: 'failed', message, advice: 'make room on the disk of the volume nats-data; the rest heals by itself' };
    }
    case 'node-taken':
      return { what, state: 'failed', message: is.message, advice: 'set another KEDGE_NODE here, and run "docker compose up -d"' };
    default:
      return is satisfies never;
  }
}

function commandsFinding(commands: Commands, acts: boolean): Found {
  const what = 'commands';
  if (commands.kind === 'unusable') {
    const message = `none is taken, of people, hooks and the scheduler: the consumer "reconciler" cannot be read: ${commands.problem}`;
    return { what, state: 'failed', message, advice: commands.advice };
  }
  const { waiting, isRead } = commands;
  if (!acts || isRead) return { what, state: 'fine', message: `waiting to be taken: ${waiting}` };
  const message = `nobody takes those that wait: ${waiting}`;
  return { what, state: 'warning', message, advice: `ask again in a minute; if it stays so, "docker compose restart reconciler"` };
}

function waitingFindings(services: Looked<StatusReply['services']>): Found[] {
  if ('problem' in services) {
    return [{ what: 'services', state: 'failed', message: `what they do cannot be told: ${services.problem}`, advice: itsLogs }];
  }
  return services.value.flatMap(({ service, waiting }): Found[] => {
    if (!waiting) return [];
    const message = `waits since ${waiting.since}: ${waiting.message} (${waiting.code})`;
    return [{ what: `service ${service}`, state: 'warning', message, advice: `"kedge status ${service}" shows all that is known` }];
  });
}
