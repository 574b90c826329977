/** What was last seen of a member. */
export interface Sign {
  readonly revision: number;
  /** When this revision was first seen, by our own monotonic clock in milliseconds. */
  readonly seenAtMs: number;
}

interface Roll {
  readonly before: ReadonlyMap<string, Sign>;
  /** The revision of each member's lease, as it is stored now. */
  readonly revisions: ReadonlyMap<string, number>;
  readonly nowMs: number;
  /** Whose lease did not change for so long is lost, in milliseconds. */
  readonly lostAfterMs: number;
}

/** Signs of the members, and who of them lives. No clock but our own is asked: a lease says by changing that its holder is there. */
export function callRoll({ before, revisions, nowMs, lostAfterMs }: Roll): {
  readonly signs: ReadonlyMap<string, Sign>;
  readonly alive: readonly string[];
} {
  const signs = new Map<string, Sign>();
  for (const [member, revision] of revisions) {
    const known = before.get(member);
    signs.set(member, known?.revision === revision ? known : { revision, seenAtMs: nowMs });
  }
  const alive = [...signs].filter(([, { seenAtMs }]) => nowMs - seenAtMs < lostAfterMs).map(([member]) => member);
  return { signs, alive: alive.toSorted() };
}
