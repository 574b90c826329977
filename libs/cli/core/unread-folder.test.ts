import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusReply } from '../testing/samples.ts';
import { withUnread } from './unread-folder.ts';

const reason = 'the secrets component did not answer';
const inForce = { revision: 'r1', problem: null };
/** As the reconciler has it before the first one. */
const first = { revision: null, state: 'unread', problem: 'no configuration has been read yet' } as const;

/** Of what the folder held before. */
const rejected = { revision: 'r1', state: 'rejected', problem: 'web/service.toml:3:1: unknown key' } as const;

describe('a folder that cannot be read now', () => {
  for (const [what, config, told, problem] of [
    ['is told with what stays in force', inForce, reason, `${reason}; until it can be read, the one before stays in force`],
    ['is told where nothing is in force yet', first, reason, reason],
    ['is not guessed where nothing is in force yet', first, null, first.problem],
    ['is told beside a verdict', rejected, reason, `${rejected.problem}; and now the folder cannot be read: ${reason}`],
    ['is not guessed where nobody tells of it', inForce, null, null],
    ['leaves a verdict as it is where nobody tells of it', rejected, null, rejected.problem],
  ] as const) {
    it(what, () => assert.equal(withUnread(statusReply({ config }), told).config.problem, problem));
  }

  it('leaves the verdict what it is', () => {
    assert.equal(withUnread(statusReply({ config: rejected }), reason).config.state, 'rejected');
  });

  it('is no reason to doubt anything else', () => {
    const status = statusReply({ config: inForce });
    const told = withUnread(status, reason);
    assert.deepEqual({ ...told, config: status.config }, status);
    assert.equal(told.config.state, 'unread');
  });
});
