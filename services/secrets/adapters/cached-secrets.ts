import { type SecretAnswer, type SecretStore, sourceKey } from '@kedge/config/template';
import { errorCode } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';

interface CacheOptions {
  readonly store: SecretStore;
  readonly log: Logger;
  readonly now: () => number;
  /** For so long a version without a number (`latest`) is taken for what it was. */
  readonly freshMs: number;
}

interface Held {
  readonly answer: SecretAnswer;
  readonly at: number;
}

/**
 * Keeps values in memory, and nowhere else: a version with a number never changes, another is asked for again after a while. While nobody can
 * be asked the last value holds. What its user has to mend is asked for each time.
 */
export function createCachedSecrets({ store, log, now, freshMs }: CacheOptions): SecretStore {
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<SecretAnswer>>();

  return {
    async access(source) {
      const key = sourceKey(source);
      const before = held.get(key);
      if (before && (/^\d+$/.test(source.version) || now() - before.at < freshMs)) return before.answer;
      const question = asking.get(key) ?? ask();
      asking.set(key, question);
      return await question;

      async function ask(): Promise<SecretAnswer> {
        try {
          const answer = await store.access(source);
          if (answer.ok) held.set(key, { answer, at: now() });
          else held.delete(key);
          return answer;
        } catch (thrown) {
          if (!before) throw thrown;
          log.warn({ secret: source.name, code: errorCode(thrown) }, 'the secret source cannot be asked, its last value holds');
          return before.answer;
        } finally {
          asking.delete(key);
        }
      }
    },
  };
}
