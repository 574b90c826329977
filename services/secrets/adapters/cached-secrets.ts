import { setTimeout } from 'node:timers/promises';
import { type SecretAnswer, type SecretStore, sourceKey } from '@kedge/config/template';
import { errorCode, RetryableError } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';

interface CacheOptions {
  readonly store: SecretStore;
  readonly log: Logger;
  readonly now: () => number;
  /** For so long a version without a number (`latest`) is taken for what it was. */
  readonly freshMs: number;
  /** Nobody waits longer for a value that is not known yet. Less than any of those that ask for all values of a configuration. */
  readonly mostMs?: number;
  /** After a failure the same is not asked for again for so long. */
  readonly againMs?: number;
}

interface Held {
  readonly answer: SecretAnswer;
  readonly at: number;
}

type Outcome = { readonly answer: SecretAnswer } | { readonly thrown: unknown };

/**
 * Keeps values in memory, and nowhere else: a version with a number never changes, another is asked for again after a while, and until
 * somebody answered the last value holds: nobody waits for it. What its user has to mend is asked for each time.
 */
export function createCachedSecrets({ store, log, now, freshMs, mostMs = 2_000, againMs = 5_000 }: CacheOptions): SecretStore {
  const held = new Map<string, Held>();
  const failed = new Map<string, { readonly thrown: unknown; readonly at: number }>();
  const asking = new Map<string, Promise<Outcome>>();

  return {
    async access(source) {
      const key = sourceKey(source);
      const before = held.get(key);
      if (before && (/^\d+$/.test(source.version) || now() - before.at < freshMs)) return before.answer;

      const failure = failed.get(key);
      const rests = failure !== undefined && now() - failure.at < againMs;
      const question = asking.get(key) ?? (rests ? Promise.resolve(failure) : ask());
      if (before) return before.answer;

      // All that are asked for at once are waited for at once. What comes too late is there for whoever asks next.
      const outcome = await inTime(question);
      if ('thrown' in outcome) throw outcome.thrown;
      return outcome.answer;

      function ask(): Promise<Outcome> {
        const begun = outcomeOf();
        asking.set(key, begun);
        return begun;
      }

      async function outcomeOf(): Promise<Outcome> {
        try {
          const answer = await store.access(source);
          failed.delete(key);
          if (answer.ok) held.set(key, { answer, at: now() });
          else held.delete(key);
          return { answer };
        } catch (thrown) {
          failed.set(key, { thrown, at: now() });
          if (held.has(key)) log.warn({ code: errorCode(thrown) }, 'a secret source cannot be asked, the last value holds');
          return { thrown };
        } finally {
          asking.delete(key);
        }
      }
    },
  };

  async function inTime(question: Promise<Outcome>): Promise<Outcome> {
    const answered = new AbortController();
    try {
      return await Promise.race([question, setTimeout(mostMs, late, { signal: answered.signal })]);
    } finally {
      answered.abort();
    }
  }
}

const late: Outcome = {
  thrown: new RetryableError(
    'SECRET_SOURCE_UNREACHABLE',
    'the secret source did not tell its values in time; it is asked again, and what runs goes on',
  ),
};
