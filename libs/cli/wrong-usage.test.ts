import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFakeBus } from './testing/fake-bus.ts';
import { runLine } from './testing/run-line.ts';

describe('a line that is wrong', () => {
  const table: readonly (readonly [line: string, err: string])[] = [
    ['stauts', 'error: unknown command "stauts"; did you mean "status"? [USAGE_WRONG]\n'],
    ['stauts --help', 'error: unknown command "stauts"; did you mean "status"? [USAGE_WRONG]\n'],
    ['--help stauts', 'error: unknown command "stauts"; did you mean "status"? [USAGE_WRONG]\n'],
    ['help stauts', 'error: unknown command "stauts"; did you mean "status"? [USAGE_WRONG]\n'],
    ['nonsense', 'error: unknown command "nonsense" [USAGE_WRONG]\n"kedge --help" says what may stand there\n'],
    ['history', 'error: unknown command "history"; "kedge events --since 24h --no-follow" tells what happened [USAGE_WRONG]\n'],
    ['help ps', 'error: unknown command "ps"; "kedge status" shows what runs [USAGE_WRONG]\n'],
    ['logs web --since 5m', 'error: unknown option "--since"; "docker logs" has that; "docker ps" names the containers [USAGE_WRONG]\n'],
    [
      'logs web -n 5 --tail 6',
      'error: --lines 5 and --tail 6 mean the same and differ; leave one out [USAGE_WRONG]\n"kedge logs --help" says what may stand there\n',
    ],
    [
      'logs web --tail all',
      'error: "all" is no value for --tail: it must be a whole number, at least 1 [USAGE_WRONG]\n"kedge logs --help" says what may stand there\n',
    ],
    ['status -o json', 'error: unknown option "-o"; "--json" prints it for programs [USAGE_WRONG]\n'],
    ['status -watch', 'error: unknown option "-watch"; did you mean "--watch"? [USAGE_WRONG]\n'],
    ['plan -json', 'error: unknown option "-json"; did you mean "--json"? [USAGE_WRONG]\n'],
    ['check --exit-code', 'error: "kedge check" has no --exit-code, and "kedge status" has one [USAGE_WRONG]\n'],
    ['plan --yes', 'error: "kedge plan" has no --yes, and "kedge apply" has one [USAGE_WRONG]\n'],
    ['logs', 'error: <service> is missing [USAGE_WRONG]\n"kedge logs --help" says what may stand there\n'],
    ['--json status', 'error: unknown option "--json" here: it stands behind a command, as in "kedge status --json" [USAGE_WRONG]\n'],
    ['status --wat', 'error: unknown option "--wat"; did you mean "--watch"? [USAGE_WRONG]\n'],
    ['events --for 5', 'error: "5" is not a duration; write it like "500ms", "10s", "1m30s" or "1h" [DURATION_INVALID]\n'],
  ];
  for (const [line, err] of table) {
    it(`says what to do next: ${line}`, async () => {
      const refusal = new Error('it connected');
      const told = await runLine(createFakeBus(), line, { refusal });
      assert.deepEqual([told.exitCode, told.err], [1, err]);
      if (!line.includes('--json')) assert.equal(told.out, '');
    });
  }

  it('has no help of its own, and every command has', async () => {
    for (const line of ['--help', 'help', 'help status', 'status --help', 'status -h', '--as cli status --help']) {
      const { exitCode, out, err } = await runLine(createFakeBus(), line);
      assert.deepEqual([exitCode, err, /^Usage: kedge/.test(out)], [0, '', true], line);
    }
  });
});
