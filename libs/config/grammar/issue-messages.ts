import type { z } from 'zod';
import { isDate } from './marked-dates.ts';

/** What is said where a schema has no words of its own. Never the value: it may come from a variable. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'too_big' && issue.origin === 'int') return 'is larger than any number that is meant here';
  if (issue.code === 'too_small' && issue.origin === 'int') return 'is smaller than any number that is meant here';
  if (issue.code !== 'invalid_type') return undefined;
  const wanted = wantedIn(issue);
  if (issue.input === undefined) return `is missing; it must be ${wanted}`;
  return `must be ${wanted}, not ${foundIn(issue)}`;
}

/** A number without a format may have a fraction; one of which only whole ones are allowed says so although the issue does not. */
function wantedIn({ expected, inst }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const isWhole = expected === 'number' && inst?._zod.def !== undefined && 'format' in inst._zod.def;
  return (isWhole ? kinds.int : kinds[expected]) ?? expected;
}

function foundIn({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (typeof input === 'number' && !Number.isFinite(input)) return Number.isNaN(input) ? 'nan' : 'inf';
  if (typeof input === 'number' && expected === 'int') return 'a fraction';
  return kindOf(input);
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false, without quotes',
  array: 'an array',
  object: 'a table',
  record: 'a table',
};

/** What a value is, without a word of it. */
export function kindOf(input: unknown): string {
  if (typeof input === 'string') return 'text';
  if (typeof input === 'number' || typeof input === 'bigint') return 'a number';
  if (typeof input === 'boolean') return 'true or false';
  if (Array.isArray(input)) return 'an array';
  if (isDate(input)) return 'a date';
  return 'a table';
}
