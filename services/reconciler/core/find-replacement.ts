import type { ProjectContainer } from '../ports.ts';

/** What is to be started now that a container was asked to end. */
export type Replacement =
  | { readonly kind: 'start'; readonly container: string }
  | { readonly kind: 'none'; readonly reason: 'not-of-our-project' | 'no-proxy' | 'not-replaced' };

interface Leaving {
  /** Id of the container that was asked to end. */
  readonly leaving: string;
  /** Those of our own project. */
  readonly containers: readonly ProjectContainer[];
  /** Ids of containers that proxies wrote into their records. */
  readonly recorded: ReadonlySet<string>;
  readonly now: Date;
}

/** What the project calls its proxy. */
const proxyService = 'proxy';
/** Compose makes a replacement right before it stops the old container; an older one was left behind by an `up` that somebody broke off. */
const freshForMs = 60_000;

/**
 * Finds the container that takes the place of a proxy that was asked to end. Compose has made it by then, and would start it only after the
 * old one is gone; `stop`, `down` and `restart` make none.
 */
export function findReplacement({ leaving, containers, recorded, now }: Leaving): Replacement {
  const old = containers.find(({ id }) => id === leaving);
  if (!old) return { kind: 'none', reason: 'not-of-our-project' };
  if (old.service !== proxyService && !recorded.has(leaving)) return { kind: 'none', reason: 'no-proxy' };
  const waiting = containers.filter(
    ({ service, state, replaces, createdAt }) =>
      service === old.service && state === 'created' && replaces && now.getTime() - createdAt.getTime() < freshForMs,
  );
  const found = waiting.find(({ number }) => number === old.number);
  return found ? { kind: 'start', container: found.id } : { kind: 'none', reason: 'not-replaced' };
}
