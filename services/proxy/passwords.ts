import { createHmac, randomBytes } from 'node:crypto';
import type { PasswordHash } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Credentials } from './core/basic-credentials.ts';
import { createFairQueue } from './fair-queue.ts';
import type { KnownHashes } from './keep-hashes.ts';
import type { VerifyPassword } from './ports.ts';
import { createRateLimits } from './rate-limits.ts';

/** Who may log in: names, and the keys of their hashes. */
export type Users = ReadonlyMap<string, string>;

/**
 * What a login comes to: `busy` when this client tries too often, `unknown` when its hash is not known yet, `unusable` when
 * no password can be compared with it.
 */
export type Login = 'right' | 'wrong' | 'busy' | 'unknown' | 'unusable';

interface LoginAttempt extends Credentials {
  readonly users: Users;
  /** As `clientKey` has it. */
  readonly client: string;
}

/** Logins by name and password. */
export interface Passwords {
  /** At once for who logged in a moment ago, and where no hash has to be made. */
  check(attempt: LoginAttempt): Login | Promise<Login>;
}

interface PasswordPorts {
  readonly hashes: KnownHashes;
  readonly verify: VerifyPassword;
  readonly now: () => number;
  readonly log: Logger;
}

/** How long a password that was right is not hashed again after it was last used, how long at most, and how many of them. */
const goodForMs = 300_000;
const goodAtMostMs = 3_600_000;
const mostGood = 2_000;
/** Wrong ones of one client; a hash that is being made counts until it turns out right. */
const tries = { count: 30, windowMs: 60_000 };
/** Hashes that wait for their turn cost little: so many people may log in at once behind one address, and so many addresses. */
const queueBounds = { running: 2, perClient: 200, all: 2_000 };

/** A password that was right. */
interface Good {
  readonly until: number;
  /** Beyond that it is hashed again, however often it is used. */
  readonly atMostUntil: number;
}

/** A hash that is to be made. */
interface Beginning {
  readonly mark: string;
  readonly client: string;
  readonly isUser: boolean;
  readonly work: () => Promise<boolean>;
}

/** Null when it was not made: its client tries too often, or has most of what waits. */
type IsRight = boolean | null;

/**
 * Hashes are made for two logins at a time, and clients take turns, so that nobody who guesses keeps others from their first login. Requests that
 * come at once with the same login wait for the same hash. A password that was right is remembered by a keyed hash of all that made it right: the
 * name, the password, and the hash that it was compared with.
 */
export function createPasswords({ hashes, verify, now, log }: PasswordPorts): Passwords {
  const secret = randomBytes(32);
  /** Those that were not used for longest first. */
  const good = new Map<string, Good>();
  const inFlight = new Map<string, Promise<IsRight>>();
  const queue = createFairQueue(queueBounds);
  const attempts = createRateLimits(now);

  function markOf({ user, password }: Credentials, key: string): string {
    return createHmac('sha256', secret)
      .update(JSON.stringify([user, password, key]))
      .digest('base64');
  }

  /** One that is used stays good. */
  function isGood(mark: string): boolean {
    const found = good.get(mark);
    good.delete(mark);
    if (found === undefined || found.until <= now()) return false;
    remember(mark, found.atMostUntil);
    return true;
  }

  function remember(mark: string, atMostUntil: number): void {
    for (const [each, { until }] of good) {
      if (good.size < mostGood && until > now()) break;
      good.delete(each);
    }
    good.set(mark, { until: Math.min(now() + goodForMs, atMostUntil), atMostUntil });
  }

  async function compare(password: string, hash: PasswordHash): Promise<boolean> {
    try {
      return await verify(password, hash);
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'a password could not be compared with its hash');
      return false;
    }
  }

  /** The key of the hash that takes longest to make; where none can be made, of one that is not known yet. */
  function costliest(users: Users): string {
    const costs = [...users.values()].map((key) => [costOf(hashes.of(key)), key] as const);
    return costs.toSorted(([left], [right]) => right - left)[0]?.[1] ?? '';
  }

  /** Null when this client, or all together, ask for too much. */
  function begin({ mark, client, isUser, work }: Beginning): Promise<IsRight> | null {
    if (!attempts.take('', client, tries).taken) return null;
    attempts.giveBack('', client, tries);
    const made = queue.run(client, async () => {
      // Only now: those who wait for their turn may all be right.
      if (!attempts.take('', client, tries).taken) return null;
      const isRight = await work();
      // What nobody may log in by counts, right or not: else who is refused would tell whose password it is.
      if (isRight && isUser) attempts.giveBack('', client, tries);
      return isRight;
    });
    const decided = made?.finally(() => inFlight.delete(mark)) ?? null;
    if (decided) inFlight.set(mark, decided);
    return decided;
  }

  function check(attempt: LoginAttempt): Login | Promise<Login> {
    const { users, user, password, client } = attempt;
    const key = users.get(user);
    // Who has no such name waits as long as for a wrong password of who has the costliest hash, once that is known.
    const compared = key ?? costliest(users);
    const hash = hashes.of(compared);
    if (hash === null) return 'unknown';
    if (hash === 'unusable') return key === undefined ? 'wrong' : 'unusable';
    const mark = markOf({ user, password }, compared);
    if (key !== undefined && isGood(mark)) return 'right';
    const work = async () => await compare(password, hash);
    const shared = inFlight.get(mark);
    const decided = shared ?? begin({ mark, client, isUser: key !== undefined, work });
    return (
      decided?.then(async (isRight) => {
        // Somebody else's tries are used up, not this client's.
        if (isRight === null) return shared ? await check(attempt) : 'busy';
        if (!isRight || key === undefined) return 'wrong';
        if (!good.has(mark)) remember(mark, now() + goodAtMostMs);
        return 'right';
      }) ?? 'busy'
    );
  }

  return { check };
}

function costOf(hash: PasswordHash | 'unusable' | null): number {
  if (hash === 'unusable') return -1;
  if (hash === null) return 0;
  return hash.kind === 'argon2' ? hash.memory * hash.passes : bcryptCostAsMemory * 2 ** Number(hash.text.slice(4, 6));
}

/** KiB that argon2 goes through while bcrypt makes one of the 2^cost rounds that it makes: as measured, about. */
const bcryptCostAsMemory = 64;
