import { watch } from 'node:fs';
import type { Closable } from '@kedge/shared/kernel';

/**
 * What the system says of changes in folders. It may be silent about some (on a share, behind a link, below a folder that was replaced):
 * hints spare work, and whoever uses them looks at everything now and then.
 */
export interface ChangeHints {
  /** Watches these folders from now on, and no others. What could not be watched before is tried again. */
  follow(folders: readonly string[]): void;
  /** Folders with something new since the last call, and those that are followed and cannot be watched. What comes later is for the next one. */
  take(): ReadonlySet<string>;
  /** Takes every folder for changed: a watch stays with a folder that was moved away. */
  renew(): void;
}

/** Watches one folder until it is closed; throws when that is impossible. */
type Watch = (folder: string, changed: () => void) => { close(): void };

/** Hints of the kernel. They do not keep the process alive. */
export function createChangeHints({ watchFolder = watchOnDisk }: { readonly watchFolder?: Watch } = {}): ChangeHints & Closable {
  const watches = new Map<string, { close(): void }>();
  let followed: readonly string[] = [];
  let changed = new Set<string>();
  let unwatched = new Set<string>();

  function begin(folder: string): void {
    unwatched.delete(folder);
    try {
      watches.set(
        folder,
        watchFolder(folder, () => touch(folder)),
      );
    } catch {
      unwatched.add(folder); // not there, or the system watches no more: it is looked at each time
    }
  }

  /** Once is enough until somebody looked: where a service writes all day, nobody is woken for each write. */
  function touch(folder: string): void {
    changed.add(folder);
    end(folder);
  }

  function end(folder: string): void {
    watches.get(folder)?.close();
    watches.delete(folder);
  }

  return {
    follow(folders) {
      if (folders !== followed) {
        const wanted = new Set(folders);
        for (const folder of [...watches.keys()]) if (!wanted.has(folder)) end(folder);
        changed = new Set([...changed].filter((folder) => wanted.has(folder)));
        unwatched = new Set(folders.filter((folder) => !watches.has(folder) && !changed.has(folder)));
        followed = folders;
      }
      for (const folder of [...unwatched]) begin(folder);
    },
    take() {
      const taken = new Set([...changed, ...unwatched]);
      const again = changed;
      changed = new Set();
      for (const folder of again) begin(folder);
      return taken;
    },
    renew() {
      for (const folder of [...watches.keys()]) touch(folder);
    },
    async close() {
      for (const folder of [...watches.keys()]) end(folder);
    },
  };
}

function watchOnDisk(folder: string, changed: () => void): { close(): void } {
  return watch(folder, { persistent: false }, changed).on('error', changed);
}
