import type { Finding, StatusReply } from '@kedge/shared/contracts';
import type { DiskSpace } from '../ports.ts';

interface Examined {
  readonly engine: { readonly id: string; readonly version: string; readonly platform: string; readonly apiVersion: string };
  readonly disk: DiskSpace;
  /** False for an instance that stands by. */
  readonly isActive: boolean;
  /** Why the bus takes no writes; null when it does. */
  readonly busProblem: string | null;
  readonly services: StatusReply['services'];
}

/** The oldest API with all that Kedge asks for: a fixed address and a check's own interval while a container starts (Docker 25). */
const oldestApi = '1.44';
/** Less free than this share, or than these bytes, soon keeps images from being pulled. */
const littleShare = 0.1;
const littleBytes = 2_000_000_000;
const hardlyAnyBytes = 200_000_000;

/** What the reconciler tells `kedge doctor`: the engine, its disk, who acts on it, and which services wait. */
export function examineEngine({ engine, disk, isActive, busProblem, services }: Examined): Finding[] {
  return [apiFinding(engine), diskFinding(disk), roleFinding(isActive, busProblem), ...services.flatMap(waitingFinding)];
}

function roleFinding(isActive: boolean, busProblem: string | null): Finding {
  if (isActive) return { what: 'role', state: 'fine', message: 'this instance acts on the engine' };
  if (busProblem === null) return { what: 'role', state: 'fine', message: 'this instance stands by: another one acts on the engine' };
  const message = `nobody can claim the right to act on the engine: ${busProblem}`;
  return { what: 'role', state: 'failed', message, advice: 'make room on the disk of the volume nats-data; the rest heals by itself' };
}

function apiFinding({ version, platform, apiVersion }: Examined['engine']): Finding {
  const message = `version ${version} on ${platform}, API ${apiVersion}`;
  const isOld = apiVersion.localeCompare(oldestApi, 'en', { numeric: true }) < 0;
  if (!isOld) return { what: 'engine', state: 'fine', message };
  const advice = `update Docker: Kedge needs API ${oldestApi}, which came with Docker 25`;
  return { what: 'engine', state: 'failed', message, advice };
}

function diskFinding({ totalBytes, freeBytes }: DiskSpace): Finding {
  const percent = Math.floor((100 * freeBytes) / Math.max(1, totalBytes));
  const message = `${(freeBytes / 1e9).toFixed(1)} GB free of ${(totalBytes / 1e9).toFixed(1)} GB (${percent} %)`;
  const advice = '"docker system df" shows what fills it, "docker image prune" removes images without a name';
  if (freeBytes < hardlyAnyBytes) return { what: 'disk', state: 'failed', message, advice };
  const isLow = freeBytes < littleBytes || freeBytes < totalBytes * littleShare;
  return isLow ? { what: 'disk', state: 'warning', message, advice } : { what: 'disk', state: 'fine', message };
}

function waitingFinding({ service, waiting }: StatusReply['services'][number]): Finding[] {
  if (!waiting) return [];
  const message = `waits since ${waiting.since}: ${waiting.message} (${waiting.code})`;
  return [{ what: `service ${service}`, state: 'warning', message, advice: `"kedge status ${service}" shows all that is known` }];
}
