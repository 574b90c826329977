import type { NodeName, ServiceEntry } from '@kedge/shared/contracts';

const part = '_next';

/**
 * Where a spec waits until the manifest names it: the one that it replaces is in force until then, and must not be lost when the writer
 * dies in between. By hash, so that two writers never overwrite each other's.
 */
export function stagedKey(node: NodeName, { hash }: Pick<ServiceEntry, 'hash'>): string {
  return `${node}.${part}.${hash}`;
}

/** Whether the key is of a spec that waits: it is declared by nobody yet. */
export function isStagedKey(key: string): boolean {
  return key.split('.', 2)[1] === part;
}
