import type { SecretRef } from '@kedge/shared/contracts';
import { type PasswordHash, parsePasswordHash } from '@kedge/shared/contracts';
import { type Closable, errorCode, type Sealed, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { PasswordHashes } from './ports.ts';
import type { Routes } from './routes.ts';

interface KeepPorts {
  readonly routes: Routes;
  readonly hashes: PasswordHashes;
  readonly log: Logger;
}

/** The hashes that the routes name, in memory alone. */
export interface KnownHashes {
  /** By the key that the route has for it; null while it is not known. */
  of(key: string): PasswordHash | 'unusable' | null;
}

/** Hashes that are asked for until it is closed. */
export interface KeptHashes extends KnownHashes, Closable {
  /** Calls the listener each time when some are known that were not before. */
  onLearned(listener: () => void): void;
}

/** Between two questions for what is missing; where nothing is, nobody is asked. */
const everyMs = 2_000;

/** Asks for those that a table names and nobody told yet, again and again until all are known; forgets those that no table names. */
export function keepHashes({ routes, hashes, log }: KeepPorts): KeptHashes {
  const known = new Map<string, PasswordHash | 'unusable'>();
  /** Those that were said to be missing. */
  const told = new Set<string>();
  const listeners: (() => void)[] = [];
  let wanted: ReadonlyMap<string, SecretRef> = new Map();
  let away = false;

  async function askForMissing(): Promise<void> {
    const missing = [...wanted].filter(([key]) => !known.has(key));
    if (missing.length === 0) return;
    const found = await hashes.find(missing.map(([, secret]) => secret));
    if (away) log.info('hashes of passwords can be had again');
    away = false;
    const before = known.size;
    for (const [key, { ref }] of missing) note({ key, ref, hash: found.get(ref) });
    if (known.size > before) for (const listener of listeners) listener();
  }

  function note({ key, ref, hash }: { readonly key: string; readonly ref: string; readonly hash: Sealed | undefined }): void {
    if (!wanted.has(key)) return;
    if (hash) known.set(key, read(hash, ref));
    else if (!told.has(key)) log.warn({ ref }, 'the hash of a password is not known yet; who logs in by it waits, then gets 503');
    if (!hash) told.add(key);
  }

  function read(hash: Sealed, ref: string): PasswordHash | 'unusable' {
    const parsed = parsePasswordHash(hash.reveal());
    if (parsed.kind !== 'unusable') return parsed;
    log.error({ ref, reason: parsed.reason }, 'the hash of a password cannot be used; who logs in by it gets 503');
    return 'unusable';
  }

  const loop = startPeriodic({
    everyMs,
    work: askForMissing,
    onError(thrown) {
      if (!away) log.warn({ reason: errorCode(thrown) }, 'hashes of passwords cannot be had yet; who logs in by them waits, then gets 503');
      away = true;
    },
  });
  const stop = routes.onReplaced((table) => {
    wanted = table.hashes;
    for (const key of known.keys()) if (!wanted.has(key)) known.delete(key);
    for (const key of told) if (!wanted.has(key)) told.delete(key);
    if (wanted.size > 0) loop.wake();
  });
  return {
    of: (key) => known.get(key) ?? null,
    onLearned: (listener) => void listeners.push(listener),
    async close() {
      stop();
      await loop.close();
    },
  };
}
