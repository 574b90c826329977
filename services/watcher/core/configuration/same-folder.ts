import { posix } from 'node:path';

/** True when both names are of the same folder, as far as names tell: `deploy`, `./deploy` and `./deploy/` are one. Nobody knows where a relative one begins. */
export function sameFolder(one: string, other: string | undefined): boolean {
  return other !== undefined && normal(one) === normal(other);
}

function normal(name: string): string {
  return posix.join(name, '/');
}
