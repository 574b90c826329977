import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ValidateReply } from '@kedge/shared/contracts';
import { createFakeBus } from '../testing/fake-bus.ts';
import { runLine } from '../testing/run-line.ts';
import { web } from '../testing/samples.ts';

const fine: ValidateReply = { ok: true, problems: [], services: [web], entry: 'kedge.toml', revision: 'r1' };
const wrong: ValidateReply = {
  ...fine,
  ok: false,
  problems: [
    {
      file: 'web/service.toml',
      line: 4,
      column: 1,
      key: 'restrat',
      message: 'unknown key "restrat"',
      nearest: 'restart',
      excerpt: 'restrat = "no"',
    },
    { file: 'kedge.toml', line: 1, column: 9, message: 'delay must be a number' },
  ],
};

async function run(reply: ValidateReply, line: string) {
  return await runLine(createFakeBus({ 'config.validate': () => reply }), line);
}

describe('kedge validate', () => {
  it('says that all is well', async () => {
    assert.deepEqual(await run(fine, 'validate'), { exitCode: 0, out: 'Configuration is ok.\n', err: '' });
  });

  it('says it in the words of Dispenser for a Dispenser folder', async () => {
    for (const line of ['validate', '--test', '-t']) {
      assert.equal((await run({ ...fine, entry: 'dispenser.toml' }, line)).out, 'Dispenser config is ok.\n');
    }
  });

  it('shows every problem with its place, and fails', async () => {
    for (const line of ['validate', '-t']) {
      const { exitCode, out } = await run(wrong, line);
      assert.equal(exitCode, 1);
      assert.deepEqual(out.split('\n'), [
        'web/service.toml:4:1: unknown key "restrat"',
        '  restrat = "no"',
        '  ^',
        '  did you mean "restart"?',
        '',
        'kedge.toml:1:9: delay must be a number',
        '',
        '2 problems in 2 files.',
        '',
      ]);
    }
  });

  it('says that a good configuration is held', async () => {
    const { exitCode, out } = await run(
      { ...fine, held: { revision: 'r2', removes: [web], since: '2026-03-01T11:00:00.000Z' } },
      'validate',
    );
    assert.equal(exitCode, 0);
    assert.match(out, /^Configuration is ok\.\nIt is held, because it would remove web; "kedge apply"/);
  });

  it('prints the answer itself for programs, with the same exit code', async () => {
    const { exitCode, out } = await run(wrong, 'validate --json');
    assert.equal(exitCode, 1);
    assert.deepEqual(JSON.parse(out), wrong);
  });
});
