import { errorCode, errorMessage, KedgeError } from '@kedge/shared/kernel';
import type { Terminal } from './terminal/terminal.ts';

/** An error as programs are told it; `UNEXPECTED` where none of our codes fits. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
}

/** What programs are told of whatever was thrown. */
export function errorForPrograms(thrown: unknown): ToldError {
  return { code: errorCode(thrown), message: errorMessage(thrown) };
}

/** Says on standard error what was thrown, with its code where it has one. */
export function noteError({ note, paint }: Pick<Terminal, 'note' | 'paint'>, thrown: unknown): void {
  const code = thrown instanceof KedgeError ? ` [${errorCode(thrown)}]` : '';
  note(`${paint('bad', 'error:')} ${errorMessage(thrown)}${code}`);
}

/** True when the line asks for JSON, whether or not it can be read otherwise. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).some((word) => word === '--json' || word.startsWith('--json='));
}
