import { createHmac, randomBytes } from 'node:crypto';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Credentials } from './core/basic-credentials.ts';
import type { PasswordHash } from './core/password-hash.ts';
import { createFairQueue } from './fair-queue.ts';
import type { KnownHashes } from './keep-hashes.ts';
import type { VerifyPassword } from './ports.ts';
import { createRateLimits } from './rate-limits.ts';

/** Who may log in: names, and the keys of their hashes. */
export type Users = ReadonlyMap<string, string>;

/** What a login comes to: `busy` when this client tries too often, `unknown` when its hash is not known yet. */
export type Login = 'right' | 'wrong' | 'busy' | 'unknown';

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

/** How long a password that was right is not hashed again, and how many of them. */
const goodForMs = 300_000;
const mostGood = 2_000;
/** Hashes made for one client; one that was right a moment ago is not made. */
const tries = { count: 30, windowMs: 60_000 };
const queueBounds = { running: 2, perClient: 4, all: 256 };

/**
 * Hashes are made for two logins at a time, and clients take turns, so that nobody who guesses keeps others from their first login. A password that
 * was right is remembered by a keyed hash of all that made it right: the name, the password, and the hash that it was compared with.
 */
export function createPasswords({ hashes, verify, now, log }: PasswordPorts): Passwords {
  const secret = randomBytes(32);
  /** Until when each is good, the oldest first. */
  const good = new Map<string, number>();
  const queue = createFairQueue(queueBounds);
  const attempts = createRateLimits(now);

  function markOf({ user, password }: Credentials, key: string): string {
    return createHmac('sha256', secret)
      .update(JSON.stringify([user, password, key]))
      .digest('base64');
  }

  function isGood(mark: string): boolean {
    const until = good.get(mark);
    return until !== undefined && until > now();
  }

  function remember(mark: string): void {
    good.delete(mark);
    for (const [each, until] of good) {
      if (good.size < mostGood && until > now()) break;
      good.delete(each);
    }
    good.set(mark, now() + goodForMs);
  }

  async function compare(password: string, hash: PasswordHash): Promise<boolean> {
    try {
      return await verify(password, hash);
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'a password could not be compared with its hash');
      return false;
    }
  }

  return {
    check({ users, user, password, client }) {
      const key = users.get(user);
      // Who has no such name waits as long as who has a wrong password.
      const compared = key ?? users.values().next().value ?? '';
      const hash = hashes.of(compared);
      if (!hash) return key === undefined ? 'wrong' : 'unknown';
      const mark = markOf({ user, password }, compared);
      if (key !== undefined && isGood(mark)) return 'right';
      if (!attempts.take('', client, tries).taken) return 'busy';
      const made = queue.run(client, async () => await compare(password, hash));
      return (
        made?.then((isRight) => {
          if (!isRight || key === undefined) return 'wrong';
          remember(mark);
          return 'right';
        }) ?? 'busy'
      );
    },
  };
}
