import { errorMessage } from '@kedge/shared/kernel';

/** The answer, or why there is none, for whoever asks again: a component that does not answer may be on its way back. */
export async function answerOrReason<Answer extends object>(ask: () => Promise<Answer>): Promise<Answer | string> {
  try {
    return await ask();
  } catch (thrown) {
    return askedAgain(thrown);
  }
}

/** What somebody who waits is told of a question that came to nothing. */
export function askedAgain(thrown: unknown): string {
  return `waiting for an answer, and asking again: ${errorMessage(thrown)}`;
}
