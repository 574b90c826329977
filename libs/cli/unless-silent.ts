import { errorCode, RetryableError } from '@kedge/shared/kernel';

/** What only adds to an answer: null where nobody tells it, or this key may not ask. */
export async function unlessSilent<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof RetryableError || errorCode(thrown) === 'NOT_PERMITTED') return null;
    throw thrown;
  }
}
