import { watch } from 'node:fs';
import type { Closable } from '@kedge/shared/kernel';

/**
 * What the system says of changes in folders. It may be silent about some (on a share, behind a link, below a folder that was replaced):
 * hints spare work, and whoever uses them looks at everything now and then.
 */
export interface ChangeHints {
  /** Watches these folders from now on, and no others. What could not be watched before is tried again. */
  follow(folders: readonly string[]): void;
  /** Folders with something new since the last call, and those that are followed and cannot be watched. */
  take(): ReadonlySet<string>;
  /** Begins to watch afresh with the next `follow`: a watch stays with a folder that was moved away. */
  renew(): void;
}

/** Watches one folder until it is closed; throws when that is impossible. */
type Watch = (folder: string, said: (event: 'change' | 'gone') => void) => { close(): void };

/** Hints of the kernel. They do not keep the process alive. */
export function createChangeHints({ watchFolder = watchOnDisk }: { readonly watchFolder?: Watch } = {}): ChangeHints & Closable {
  const watches = new Map<string, { close(): void }>();
  let followed: readonly string[] = [];
  let changed = new Set<string>();
  let unwatched = new Set<string>();

  function begin(folder: string): void {
    try {
      const started = watchFolder(folder, (event) => {
        changed.add(folder);
        // What goes by this name now may be another folder.
        if (event === 'gone' && watches.get(folder) === started) lose(folder);
      });
      watches.set(folder, started);
      unwatched.delete(folder);
    } catch {
      unwatched.add(folder); // not there, or the system watches no more: it is looked at each time
    }
  }

  function lose(folder: string): void {
    end(folder);
    unwatched.add(folder);
  }

  function end(folder: string): void {
    watches.get(folder)?.close();
    watches.delete(folder);
  }

  function renew(): void {
    for (const folder of [...watches.keys()]) lose(folder);
  }

  return {
    follow(folders) {
      if (folders !== followed) {
        const wanted = new Set(folders);
        for (const folder of [...watches.keys()]) if (!wanted.has(folder)) end(folder);
        unwatched = new Set(folders.filter((folder) => !watches.has(folder)));
        followed = folders;
      }
      for (const folder of [...unwatched]) begin(folder);
    },
    take() {
      const taken = new Set([...changed, ...unwatched]);
      changed = new Set();
      return taken;
    },
    renew,
    async close() {
      for (const folder of [...watches.keys()]) end(folder);
    },
  };
}

function watchOnDisk(folder: string, said: (event: 'change' | 'gone') => void): { close(): void } {
  return watch(folder, { persistent: false }, (event) => said(event === 'rename' ? 'gone' : 'change')).on('error', () => said('gone'));
}
