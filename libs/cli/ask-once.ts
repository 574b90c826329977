import { TerminalError } from '@kedge/shared/kernel';
import type { Terminal } from './terminal/terminal.ts';

interface Question {
  /** A question that yes or no answers, with its mark. */
  readonly question: string;
  /** Answered beforehand by an option. */
  readonly yes: boolean;
  /** The command line that answers it where nobody can be asked. */
  readonly answer: string;
}

/**
 * Asks once, and says "Left as it is." to a no.
 * @throws {TerminalError} ANSWER_NEEDED where there is nobody to ask
 */
export async function askOnce(terminal: Terminal, { question, yes, answer }: Question): Promise<boolean> {
  if (yes) return true;
  if (!terminal.canAsk) throw new TerminalError('ANSWER_NEEDED', `there is no terminal to ask on: ${question} "${answer}" answers it`);
  const isYes = await terminal.confirm(question);
  if (!isYes) terminal.print('Left as it is.');
  return isYes;
}
