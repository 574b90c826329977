import type { ChangeHints } from './change-hints.ts';

/** So often everything is looked at, whatever hints say. */
const everythingEveryMs = 2_000;
/** So long hints are not believed after a change that none told of. */
const doubtForMs = 60_000;

interface ScopePorts {
  /** Null: there are none, and every look is at everything. */
  readonly hints: ChangeHints | null;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Decides what one look after another is at. */
export interface LookScope {
  /** The folders to look at, of these; null for all of them. */
  begin(folders: readonly string[]): ReadonlySet<string> | null;
  /** In these the look found something else than the one before. */
  end(changed: readonly string[]): void;
  /** Somebody asks who must not be answered with what was: the next looks are at everything. */
  doubt(): void;
}

/** Believes hints until a change came without one: that may be the first of many. */
export function createLookScope({ hints, nowMs }: ScopePorts): LookScope {
  let everythingAtMs = Number.NEGATIVE_INFINITY;
  let believedFromMs = Number.NEGATIVE_INFINITY;
  let last: readonly string[] | null = null;
  let hinted: ReadonlySet<string> = new Set();
  /** Changed, and not hinted yet: a hint may come a moment later. */
  let unhinted: readonly string[] = [];

  function doubt(): void {
    believedFromMs = nowMs() + doubtForMs;
    hints?.renew();
  }

  return {
    begin(folders) {
      if (!hints) return null;
      hinted = hints.take();
      if (unhinted.some((folder) => !hinted.has(folder))) doubt();
      unhinted = [];
      const now = nowMs();
      const isBrief = folders === last && now >= believedFromMs && now - everythingAtMs < everythingEveryMs;
      if (isBrief) return hinted;
      last = folders;
      everythingAtMs = now;
      hints.follow(folders);
      return null;
    },
    end(changed) {
      // Whoever writes one file often writes more: whether they stand still is not left to hints.
      if (changed.length > 0) everythingAtMs = Number.NEGATIVE_INFINITY;
      unhinted = changed.filter((folder) => !hinted.has(folder));
    },
    doubt,
  };
}
