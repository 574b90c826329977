import { errorMessage } from '@kedge/shared/kernel';

/** The answer, or why there is none, for whoever asks again: a component that does not answer may be on its way back. */
export async function answerOrReason<Answer extends object>(ask: () => Promise<Answer>): Promise<Answer | string> {
  try {
    return await ask();
  } catch (thrown) {
    return errorMessage(thrown);
  }
}
