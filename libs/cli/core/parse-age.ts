import { errorCode, parseDurationMs, TerminalError } from '@kedge/shared/kernel';

const dayMs = 86_400_000;

/**
 * Milliseconds of a time that is past, as `kedge events --since` takes it: a duration that may begin with days, because nobody counts a week
 * in hours.
 * @throws {TerminalError} DURATION_INVALID naming the text as it was typed
 */
export function parseAge(text: string): number {
  const [, days, rest = ''] = /^(?:(\d+(?:\.\d+)?)d(?![a-z]))?(.*)$/is.exec(text.trim()) ?? [];
  try {
    if (days === undefined) return parseDurationMs(text);
    return Math.round(Number(days) * dayMs) + (rest === '' ? 0 : parseDurationMs(rest));
  } catch (thrown) {
    if (errorCode(thrown) !== 'DURATION_INVALID') throw thrown;
    throw new TerminalError('DURATION_INVALID', `"${text}" is no time to look back; write it like "30s", "10m", "1h30m" or "2d"`);
  }
}
