import { posix } from 'node:path';
import type { ConfigProblem } from '@kedge/shared/contracts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** Where volumes and file systems in memory stand in the container: each alone, and none where the engine allows none. */
export function judgeTargets({ service, volume = [] }: ServicePart, file: TomlFile): ConfigProblem[] {
  const taken = volume.map((each) => (each?.target === undefined ? null : posix.resolve(each.target)));
  const inMemory = (service?.tmpfs ?? []).map((mount) => posix.resolve(mount.replace(/:.*$/, '')));
  const isList = valueAt(file.root, ['service', 'tmpfs', 0]) !== undefined;
  const tell = (pointer: Pointer, message: string | null) => (message === null ? [] : [problemAt(file, { pointer, message })]);

  const volumes = taken.flatMap((target, index) => {
    if (target === null) return [];
    const again = taken.indexOf(target) < index ? 'is the target of another volume already' : inProc(target, volume[index]?.source);
    return tell(['volume', index, 'target'], again);
  });
  const mounts = inMemory.flatMap((target, index) => {
    const isTaken = taken.includes(target) || inMemory.indexOf(target) < index;
    const message = isTaken ? 'is where another volume or tmpfs stands already' : inProc(target);
    return tell(isList ? ['service', 'tmpfs', index] : ['service', 'tmpfs'], message);
  });
  return [...volumes, ...mounts];
}

/** Files that programs such as lxcfs put in the place of the kernel's (runc, `checkProcMount`). */
const replaceable = [
  ...['/proc/cpuinfo', '/proc/diskstats', '/proc/meminfo', '/proc/stat', '/proc/swaps', '/proc/uptime', '/proc/loadavg', '/proc/slabinfo'],
  ...['/proc/net/dev', '/proc/sys/kernel/ns_last_pid', '/proc/sys/crypto/fips_enabled'],
];

/** Whether a folder of the host is a `/proc` itself is not known here. */
function inProc(target: string, source = ''): string | null {
  if (target !== '/proc' && !target.startsWith('/proc/')) return null;
  if (replaceable.includes(target) || (target === '/proc' && posix.isAbsolute(source))) return null;
  return "is in the container's own /proc, where the engine mounts nothing; choose another place";
}
