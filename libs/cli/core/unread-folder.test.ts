import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusReply } from '../testing/samples.ts';
import { withUnread } from './unread-folder.ts';

const reason = 'the secrets component did not answer';
const inForce = { revision: 'r1', problem: null };
/** As the reconciler has it before the first one. */
const first = { revision: null, state: 'unread', problem: 'no configuration has been read yet' } as const;

describe('a folder that cannot be read now', () => {
  for (const [what, config, parts, problem] of [
    ['is told with what stays in force', inForce, { config: reason }, `${reason}; until it can be read, the one before stays in force`],
    ['is told where nothing is in force yet', first, { config: reason }, reason],
    ['is not guessed where nothing is in force yet', first, { config: false }, first.problem],
    [
      'is not told beside a verdict',
      { revision: 'r1', problem: 'web/service.toml:3:1: unknown key' },
      { config: reason },
      'web/service.toml:3:1: unknown key',
    ],
    ['is not guessed where the watcher has not looked yet', inForce, { config: false }, null],
    ['is not guessed where the watcher does not answer', inForce, null, null],
    ['is one that was read', inForce, { config: true }, null],
  ] as const) {
    it(what, () => assert.equal(withUnread(statusReply({ config }), parts).config.problem, problem));
  }

  it('is no reason to doubt anything else', () => {
    const status = statusReply({ config: inForce });
    const told = withUnread(status, { config: reason });
    assert.deepEqual({ ...told, config: status.config }, status);
    assert.equal(told.config.state, 'unread');
  });
});
