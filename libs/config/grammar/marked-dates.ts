/** In the place of a date. */
const dateMark = Symbol('a date');

/**
 * A parsed file in which dates are no objects of JavaScript: the schema would take one for a table without keys. The very same value when
 * there is none, as in every file that is right.
 */
export function markDates(value: unknown): unknown {
  if (value instanceof Date) return dateMark;
  if (!hasDates(value)) return value;
  if (Array.isArray(value)) return value.map(markDates);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, markDates(each)]));
}

/** Whether a value is a date, marked or not. */
export function isDate(value: unknown): boolean {
  return value === dateMark || value instanceof Date;
}

function hasDates(value: unknown): value is object {
  return isDate(value) || (typeof value === 'object' && value !== null && Object.values(value).some(hasDates));
}
