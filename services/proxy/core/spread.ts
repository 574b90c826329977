import type { Target } from '@kedge/shared/contracts';
import type { CompiledBalancing, HashKey } from './compile-balancing.ts';
import { headerIn } from './header-edits.ts';
import { isSameRelease } from './sticky-cookie.ts';

interface Spreading {
  readonly balancing: Pick<CompiledBalancing, 'leastRequests' | 'hashKey' | 'sticky' | 'shares'>;
  readonly turn: number;
  /** From 0 to 1, decides between releases. */
  readonly chance: number;
  readonly openOf: (target: string) => number;
  /** Names and values take turns. */
  readonly rawHeaders: readonly string[];
  readonly client: () => string;
}

const noValues: ReadonlyMap<string, string> = new Map();

/** The targets in the order in which a request would have them; the first that can be had gets it. */
export function spread(ready: readonly Target[], spreading: Spreading): readonly Target[] {
  const { balancing, turn, openOf, rawHeaders } = spreading;
  const values = balancing.sticky?.values ?? noValues;
  const sticky = balancing.sticky === null ? null : (cookieIn(rawHeaders, balancing.sticky.name) ?? null);
  const key = keyOf(balancing.hashKey, spreading);
  const shared = balancing.shares ? ofShare(ready, { shares: balancing.shares, values, sticky, chance: chanceOf(spreading, key) }) : ready;
  const rotated = [...shared.slice(turn % shared.length), ...shared.slice(0, turn % shared.length)];
  const ordered = key !== null ? byHash(rotated, key) : balancing.leastRequests ? byCount(rotated, openOf) : rotated;
  const own = sticky === null ? undefined : ordered.find((target) => values.get(target.id) === sticky);
  const first = own ? [own, ...ordered.filter((target) => target !== own)] : ordered;
  // The other releases are better than nobody.
  return shared.length === ready.length ? first : [...first, ...ready.filter((target) => !shared.includes(target))];
}

/** What is the same for a client each time divides releases, too: it stays with one. */
function chanceOf({ chance }: Spreading, key: string | null): number {
  return key === null ? chance : hashOf(key) / 2 ** 32;
}

function keyOf(hashKey: HashKey | null, { rawHeaders, client }: Spreading): string | null {
  if (hashKey === null) return null;
  switch (hashKey.kind) {
    case 'client-ip':
      return client();
    case 'header':
      return headerIn(rawHeaders, hashKey.name) ?? null;
    case 'cookie':
      return cookieIn(rawHeaders, hashKey.name) ?? null;
    default:
      return hashKey satisfies never;
  }
}

interface Share {
  readonly shares: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, string>;
  readonly sticky: string | null;
  readonly chance: number;
}

/** The targets of one release: of the one that the client has, or of one by its weight among those that have targets. */
function ofShare(ready: readonly Target[], { shares, values, sticky, chance }: Share): readonly Target[] {
  const releases = [...new Set(ready.map(({ release }) => release))].toSorted();
  const weights = releases.map((release) => shares.get(release) ?? 0);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return ready;
  const own = sticky === null ? undefined : ready.find(({ id }) => isSameRelease(values.get(id) ?? '', sticky))?.release;
  const stays = own !== undefined && (shares.get(own) ?? 0) > 0;
  let left = chance * whole;
  const drawn = releases.find((_, index) => {
    left -= weights[index] ?? 0;
    return left < 0;
  });
  const release = stays ? own : drawn;
  return release === undefined ? ready : ready.filter((target) => target.release === release);
}

/** Highest random weight (rendezvous hashing): when a target goes, only those move that had it. */
function byHash(targets: readonly Target[], key: string): readonly Target[] {
  const scored = targets.map((target) => ({ target, score: hashOf(`${key} ${target.id}`) }));
  return scored.toSorted((one, other) => other.score - one.score).map(({ target }) => target);
}

/** Of those with as many, whose turn it is. */
function byCount(targets: readonly Target[], openOf: (target: string) => number): readonly Target[] {
  const counted = targets.map((target) => ({ target, open: openOf(target.id) }));
  return counted.toSorted((one, other) => one.open - other.open).map(({ target }) => target);
}

/** FNV-1a, its bits mixed once more (as MurmurHash 3 ends): 32 bits, the same in every proxy. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The value of a cookie (RFC 6265 §5.4); the first where there are several. */
export function cookieIn(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'cookie') continue;
    for (const pair of (rawHeaders[index + 1] ?? '').split(';')) {
      const text = pair.trim();
      if (text.startsWith(name) && text[name.length] === '=') return text.slice(name.length + 1);
    }
  }
  return undefined;
}
