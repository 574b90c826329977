/** Docker mounts `/var/lib/docker/containers/<id>/hostname` into every container, whatever its network. */
const ownMount = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)\s/;

/** The id of the container that this mount table (`/proc/self/mountinfo`, proc_pid_mountinfo(5)) belongs to; null outside of one. */
export function containerIdOf(mountInfo: string): string | null {
  return ownMount.exec(mountInfo)?.[1] ?? null;
}
