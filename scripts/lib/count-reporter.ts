import type { TestEvent } from 'node:test/reporters';

/** Writes "PASSED FAILED" at the end of a whole run, for scripts that add up several runs. */
export default async function* countTests(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    // Each file has a summary of its own, too.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    yield `${passed} ${tests - passed - skipped - todo}\n`;
  }
}
