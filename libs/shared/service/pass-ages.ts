/** When each of many things was last looked at, and which of them was the longest ago. */
export interface PassAges<Key extends string> {
  /** A look at everything found these and nothing else: each shall have a look of its own now. */
  wanted(keys: Iterable<Key>): void;
  begun(key: Key): void;
  /** The look came to its end. */
  ended(key: Key): void;
  /** The look came to nothing: it is still owed. */
  gaveUp(key: Key): void;
  /** Everything that is known belongs to another time: somebody else looked meanwhile. */
  forget(): void;
  /** `begun`, and in the end `ended` or `gaveUp`, around a look. */
  around<Result>(key: Key, look: () => Promise<Result>): Promise<Result>;
  summary(): PassSummary<Key>;
}

/** What is told of all ages together. */
export interface PassSummary<Key extends string> {
  /** When the last look at everything was over that is over for each; null while some had none. */
  readonly lastPassAt: Date | null;
  readonly oldest: { readonly key: Key; readonly since: Date; readonly running: boolean; readonly underWay: number } | null;
}

interface Age {
  /** When it was first wanted. */
  readonly wantedAt: Date;
  readonly endedAt: Date | null;
}

/** Knows of nothing before the first `wanted`. */
export function createPassAges<Key extends string>(now: () => Date = () => new Date()): PassAges<Key> {
  const ages = new Map<Key, Age>();
  const running = new Set<Key>();
  let wantedAt: Date | null = null;

  const sinceOf = ({ wantedAt: owedSince, endedAt }: Age) => endedAt ?? owedSince;

  function oldest(): readonly [Key, Age] | null {
    let found: readonly [Key, Age] | null = null;
    for (const each of ages) if (!found || sinceOf(each[1]) < sinceOf(found[1])) found = each;
    return found;
  }

  /** One that is not known yet was looked at before the look at everything that found it was over. */
  function leave(key: Key, endedAt: Date | null): void {
    running.delete(key);
    if (endedAt) ages.set(key, { wantedAt: ages.get(key)?.wantedAt ?? endedAt, endedAt });
  }

  return {
    wanted(keys) {
      wantedAt = now();
      const before = new Map(ages);
      ages.clear();
      for (const key of keys) ages.set(key, before.get(key) ?? { wantedAt, endedAt: null });
    },
    begun: (key) => void running.add(key),
    ended: (key) => leave(key, now()),
    gaveUp: (key) => leave(key, null),
    forget() {
      ages.clear();
      wantedAt = null;
    },
    async around(key, look) {
      running.add(key);
      try {
        const result = await look();
        leave(key, now());
        return result;
      } finally {
        leave(key, null);
      }
    },
    summary() {
      const found = oldest();
      const isOwed = [...ages.values()].some(({ endedAt }) => endedAt === null);
      const lastPassAt = isOwed || !wantedAt ? null : found && sinceOf(found[1]) < wantedAt ? sinceOf(found[1]) : wantedAt;
      if (!found) return { lastPassAt, oldest: null };
      const [key, age] = found;
      return { lastPassAt, oldest: { key, since: sinceOf(age), running: running.has(key), underWay: running.size } };
    },
  };
}
