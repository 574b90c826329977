import { readFileSync } from 'node:fs';

/** The engine mounts `<its folder>/containers/<id>/hostname` into every container, whatever its network. */
const ownMount = /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /;

/** The id of the container that a mount table (`/proc/self/mountinfo`, proc_pid_mountinfo(5)) belongs to; null outside of one. */
export function containerIdOf(mountInfo: string): string | null {
  return ownMount.exec(mountInfo)?.[1] ?? null;
}

/** The id of the container that this process runs in; null when it runs in none. Its host name would not do: on the host's network it is the host's. */
export function ownContainerId(): string | null {
  try {
    return containerIdOf(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return null; // only Linux has it
  }
}
