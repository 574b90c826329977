import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import countTests from './count-reporter.ts';

function summary(counts: Readonly<Record<string, number>>, file?: string, success = true): TestEvent {
  const none = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, suites: 0, todo: 0, topLevel: 0 };
  return { type: 'test:summary', data: { counts: { ...none, ...counts }, duration_ms: 1, file, success } };
}

function passed(file: string, duration_ms: number, nesting = 0): TestEvent {
  const test = { name: 'a test', nesting, testNumber: 1, testId: 1, parentId: 0, tags: [], file, line: 1, column: 1 };
  return { type: 'test:pass', data: { ...test, details: { duration_ms } } };
}

function failed(name: string, message: string, failureType = 'testCodeFailure'): TestEvent {
  const test = {
    name,
    nesting: 0,
    testNumber: 1,
    testId: 1,
    parentId: 0,
    tags: [],
    file: join(process.cwd(), 'a.test.ts'),
    line: 7,
    column: 3,
  };
  const error = Object.assign(new Error(message), { failureType, cause: new Error(message) });
  return { type: 'test:fail', data: { ...test, details: { duration_ms: 1, error } } };
}

async function reported(...events: readonly TestEvent[]): Promise<string> {
  async function* source() {
    yield* events;
  }
  let text = '';
  for await (const line of countTests(source())) text += line;
  return text;
}

describe('the reporter that counts', () => {
  it('writes what passed, and what did neither pass nor stand aside', async () => {
    assert.equal(await reported(summary({ tests: 10, passed: 6, failed: 1, cancelled: 1, skipped: 1, todo: 1 })), '6 2\n');
  });

  it('counts the whole run once, not each of its files', async () => {
    assert.equal(await reported(summary({ tests: 3, passed: 3 }, 'a.test.ts'), summary({ tests: 5, passed: 5 })), '5 0\n');
  });

  it('counts an error that belongs to no test', async () => {
    assert.equal(await reported(summary({ tests: 5, passed: 5 }, undefined, false)), '5 1\n');
    assert.equal(await reported(summary({ tests: 5, passed: 3, failed: 2 }, undefined, false)), '3 2\n');
  });

  it('writes below how long each group of tests of a file took, not each test in it', async () => {
    const file = join(process.cwd(), 'a.test.ts');
    assert.equal(await reported(passed(file, 12.4), passed(file, 9, 1), summary({ tests: 2, passed: 2 })), '2 0\n12 a.test.ts\n');
  });

  it('writes below that which test failed, and why, and not the groups around it', async () => {
    const events = [failed('a test', 'two lines\nof it'), failed('its group', '1 subtest failed', 'subtestsFailed')];
    assert.equal(
      await reported(...events, summary({ tests: 1, failed: 1 })),
      '0 1\n1 a.test.ts\n1 a.test.ts\nfailed a.test.ts:7 a test: two lines\n',
    );
  });
});
