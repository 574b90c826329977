import asyncHooks from 'node:async_hooks';
import { createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import countTests from './count-reporter.ts';

/**
 * run-tests.ts FILES COUNT TIMEOUT: runs the test files that FILES lists, a line each, in this process, as
 * `node --test --test-isolation=none --test-force-exit` does, but for less processor time: node:test follows every promise to know whose an
 * uncaught error is, down to its collection as garbage. What is no promise is still followed, and so has its test; a rejection that nobody
 * handles is shown with its stack, and fails the run as a whole.
 */
const [, , list = '', count = '', timeout = ''] = process.argv;

const { createHook } = asyncHooks;
asyncHooks.createHook = (callbacks) => createHook({ ...callbacks, trackPromises: false });
// It takes createHook when it is loaded.
const { run } = await import('node:test');
const { spec } = await import('node:test/reporters');

const lastWordsMs = 100;
const files = readFileSync(list, 'utf8').split('\n').filter(Boolean);
const events = run({ files, isolation: 'none', concurrency: 1, timeout: Number(timeout) });
events.on('test:summary', ({ success }) => {
  if (!success) process.exitCode = 1;
});
// node:test ends when nothing is left to wait for. A connection that a test leaves open must not keep its process for ever; what is thrown just
// behind the last test is still heard.
let open = 0;
events.on('test:enqueue', ({ nesting }) => {
  if (nesting === 0) open += 1;
});
events.on('test:complete', ({ nesting }) => {
  if (nesting === 0) open -= 1;
  if (nesting === 0 && open === 0) setTimeout(() => process.emit('beforeExit', 0), lastWordsMs).unref();
});
process.on('unhandledRejection', (error) => console.log('rejected, and nobody handled it:', error));
await Promise.all([pipeline(events, new spec(), process.stdout, { end: false }), pipeline(events, countTests, createWriteStream(count))]);
process.exit();
