import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseSubjects } from './choose-subjects.ts';

const known = ['config.changed', 'deploy.failed', 'deploy.started', 'image.updated'] as const;

describe('chooseSubjects', () => {
  for (const [patterns, expected] of [
    [[], []],
    [['image.updated'], ['image.updated']],
    [['deploy'], ['deploy.failed', 'deploy.started']],
    [['deploy.*'], ['deploy.failed', 'deploy.started']],
    [['deploy.>'], ['deploy.failed', 'deploy.started']],
    [['*.updated'], ['image.updated']],
    [['>'], known],
    [
      ['image.updated', 'deploy.started', 'deploy'],
      ['deploy.failed', 'deploy.started', 'image.updated'],
    ],
  ] as const) {
    it(`reads [${patterns.join(' ')}]`, () => assert.deepEqual(chooseSubjects(patterns, known), expected));
  }

  it('names the nearest subject for a slip of the pen', () => {
    assert.throws(() => chooseSubjects(['deploy.faild'], known), { code: 'SUBJECT_UNKNOWN', message: /did you mean "deploy.failed"/ });
  });

  it('lists all of them when nothing is near', () => {
    assert.throws(() => chooseSubjects(['xyz'], known), { code: 'SUBJECT_UNKNOWN', message: /there are: config.changed, deploy.failed/ });
  });

  it('does not take a word longer than a subject', () => {
    assert.throws(() => chooseSubjects(['deploy.started.x'], known), { code: 'SUBJECT_UNKNOWN' });
  });
});
