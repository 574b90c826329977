import { Cron } from 'croner';
import { nearest } from '../kernel/index.ts';
import { fieldGrammars, parseField } from './cron-fields.ts';

/** A cron expression that was understood, in a time zone. */
export interface CronClock {
  /** The first instant after `after`; null when there is none any more. */
  readonly nextAfter: (after: Date) => Date | null;
  /** Something that the user should know although the expression is valid. */
  readonly warning: string | null;
}

/** `reason` is a sentence for whoever wrote the expression. */
export type ParsedCron = { readonly ok: true; readonly clock: CronClock } | { readonly ok: false; readonly reason: string };

const shorthands: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 0 1 1 *'],
  ['@annually', '0 0 0 1 1 *'],
  ['@monthly', '0 0 0 1 * *'],
  ['@weekly', '0 0 0 * * sun'],
  ['@daily', '0 0 0 * * *'],
  ['@midnight', '0 0 0 * * *'],
  ['@hourly', '0 0 * * * *'],
]);

const { second, minute, hour, day, month, weekday, year } = fieldGrammars;

/**
 * Reads `[second] minute hour day-of-month month day-of-week [year]` (5, 6 or 7 fields) or a shorthand. When day of month and day of
 * week are both restricted, both must match. Where clocks change: a job at a fixed time runs once; one at a local time that is left
 * out runs when the clock has jumped; one that runs by interval goes on by interval.
 */
export function parseCron(expression: string, zone: string): ParsedCron {
  const trimmed = expression.trim();
  const written = trimmed.startsWith('@') ? shorthands.get(trimmed.toLowerCase()) : trimmed;
  if (written === undefined) {
    const known = `there are ${[...shorthands.keys()].join(', ')}`;
    return { ok: false, reason: `"${trimmed}" is not known${nearestShorthand(trimmed, '; the nearest is ')}; ${known}` };
  }

  const texts = written.split(/\s+/);
  if (texts.length < 5 || texts.length > 7) {
    const count = trimmed === '' ? 'no fields' : texts.length === 1 ? '1 field' : `${texts.length} fields`;
    const instead = texts.length === 1 && trimmed !== '' ? nearestShorthand(`@${trimmed}`, ', or ') : '';
    return { ok: false, reason: `"${trimmed}" has ${count}; write 5, 6 or 7${instead}` };
  }
  const [withSecond = [], withYear = []] = [texts.length === 5 ? ['0', ...texts] : texts, texts.length === 7 ? [] : ['*']];
  const numbers: string[] = [];
  let numericWeekday = false;
  for (const [index, grammar] of [second, minute, hour, day, month, weekday, year].entries()) {
    const field = parseField([...withSecond, ...withYear][index] ?? '*', grammar);
    if (!field.ok) return field;
    numbers.push(
      field.values === 'all' ? '*' : [...new Set(field.values.map((value) => (grammar === weekday ? value % 7 : value)))].join(','),
    );
    numericWeekday ||= grammar === weekday && field.numeric;
  }
  const cron = new Cron(numbers.join(' '), { timezone: zone, mode: '7-part', domAndDow: true });
  return {
    ok: true,
    clock: { nextAfter: (after) => cron.nextRun(after), warning: numericWeekday && texts.length > 5 ? numericWeekdayWarning : null },
  };
}

const numericWeekdayWarning =
  'a number as day of week is read as in standard cron (Sunday = 0 or 7, Monday = 1); write names such as MON-FRI to be sure';

/** The shorthand that was likely meant, behind these words; empty when none is near. */
function nearestShorthand(written: string, words: string): string {
  const near = nearest(written, [...shorthands.keys()]);
  return near === null ? '' : `${words}"${near}"`;
}
