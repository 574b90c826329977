import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/**
 * Writes "PASSED FAILED" at the end of a whole run, for scripts that add up several runs; and below it "MILLISECONDS FILE" for each group
 * of tests, by which deal-tests.ts deals the files the next time, and "failed FILE:LINE NAME: WHY" for each test that failed, for the end of
 * the report: whoever has only its last lines knows where to look. A run without a failed test may still be a failed one: an error after
 * the end of its test is nobody's, and files that were never read to their end have no tests.
 */
export default async function* countTests(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const times: string[] = [];
  const failures: string[] = [];
  for await (const { type, data } of source) {
    if ((type === 'test:pass' || type === 'test:fail') && data.nesting === 0 && data.file !== undefined)
      times.push(`${Math.round(data.details.duration_ms)} ${relative(process.cwd(), data.file)}\n`);
    if (type === 'test:fail') failures.push(...failureLine(data));
    // Each file has a summary of its own, too.
    if (type !== 'test:summary' || data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = data.counts;
    const failed = tests - passed - skipped - todo;
    const isWell = data.success && tests > 0;
    yield `${passed} ${isWell ? failed : Math.max(failed, 1)}\n${times.join('')}${failures.join('')}`;
  }
}

type Failed = Extract<TestEvent, { type: 'test:fail' }>['data'];

/** No line for a group that failed only by what is in it. */
function failureLine({ name, file = '', line = 0, details: { error } }: Failed): readonly string[] {
  if ('failureType' in error && error.failureType === 'subtestsFailed') return [];
  const { message } = error.cause instanceof Error ? error.cause : error;
  const [why = ''] = message.split('\n');
  return [`failed ${relative(process.cwd(), file)}:${line} ${name}: ${why}\n`];
}
