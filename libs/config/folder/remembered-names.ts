import { coarsestMs, type marksOf } from './marks.ts';

interface NamePorts {
  readonly marksOf: typeof marksOf;
  /** As of `node:fs/promises`. */
  readonly readdir: (path: string) => Promise<readonly string[]>;
  /** Of the day. */
  readonly now: () => number;
  /** Others are left out: a folder may hold thousands. */
  readonly isWanted: (name: string) => boolean;
}

/**
 * Lists a folder again only when its own mark changed: whatever comes into it, leaves it or gets another name there changes that. Rejects
 * as `readdir` does.
 */
export function createRememberedNames({ marksOf, readdir, now, isWanted }: NamePorts) {
  let known: { readonly mark: string; readonly names: readonly string[] } | null = null;

  return async function readNames(path: string): Promise<readonly string[]> {
    const [found] = await marksOf([path]);
    if (found && known?.mark === found.mark) return known.names;
    known = null;
    const names = (await readdir(path)).filter(isWanted);
    // One that is young may change once more without another mark.
    const isCertain = found !== undefined && found.changedAtMs > 0 && Math.abs(now() - found.changedAtMs) > coarsestMs;
    if (isCertain) known = { mark: found.mark, names };
    return names;
  };
}
