import { TerminalError } from './errors.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const part = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/**
 * Milliseconds of a duration as Compose writes them: `500ms`, `10s`, `1m30s`, `1h`.
 * @throws {TerminalError} DURATION_INVALID for anything else
 */
export function parseDurationMs(text: string): number {
  const trimmed = text.trim();
  const parts = [...trimmed.matchAll(part)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== trimmed) {
    throw new TerminalError('DURATION_INVALID', `"${text}" is not a duration; write it like "500ms", "10s", "1m30s" or "1h"`);
  }
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN), 0));
}
