import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RestartPolicy } from '@kedge/shared/contracts';
import { container } from '../testing/observed.ts';
import { judgeState } from './judge-state.ts';
import type { Purpose } from './purpose.ts';

describe('judgeState', () => {
  const judge = (changes: Parameters<typeof container>[0], policy: RestartPolicy, strict: boolean) => {
    const verdict = judgeState({
      container: container(changes),
      policy,
      purpose: 'serves',
      strict,
      watchedSince: 0,
      hasServed: false,
      now: Date.parse('2026-01-02T00:00:00Z'),
    });
    return verdict?.kind === 'failed' ? verdict.verdict : (verdict?.kind ?? 'ask');
  };
  const table = [
    [{ state: 'running' }, 'always', 'ask', 'ask'],
    [{ state: 'running', restartCount: 1 }, 'always', 'crashed', 'ask'],
    [{ state: 'restarting', exitCode: 1 }, 'always', 'crashed', 'pending'],
    [{ state: 'created' }, 'always', 'pending', 'pending'],
    [{ state: 'paused' }, 'always', 'pending', 'pending'],
    [{ state: 'exited', exitCode: 0 }, 'no', 'passed', 'passed'],
    [{ state: 'exited', exitCode: 0 }, 'on-failure', 'passed', 'passed'],
    [{ state: 'exited', exitCode: 0 }, 'always', 'exited', 'pending'],
    [{ state: 'exited', exitCode: 2 }, 'no', 'crashed', 'passed'],
    [{ state: 'exited', exitCode: 2 }, 'on-failure', 'crashed', 'pending'],
    [{ state: 'dead', exitCode: 137 }, 'unless-stopped', 'crashed', 'pending'],
  ] as const;
  for (const [changes, policy, strict, lenient] of table) {
    it(`${JSON.stringify(changes)} with restart = "${policy}" is ${strict} in a rollout and ${lenient} later`, () => {
      assert.deepEqual([judge(changes, policy, true), judge(changes, policy, false)], [strict, lenient]);
    });
  }
});

describe('judgeState after the engine was away', () => {
  const back = Date.parse('2026-01-01T12:00:00Z');
  const before = new Date(back - 1_000);
  const since = new Date(back + 1_000);
  const judge = (changes: Parameters<typeof container>[0], policy: RestartPolicy, { now = back + 60_000, hasServed = false } = {}) => {
    const given = container({ createdAt: since, ...changes });
    const verdict = judgeState({ container: given, policy, purpose: 'serves', strict: true, watchedSince: back, hasServed, now });
    if (verdict?.kind === 'pending') return verdict.makeAnew ? 'make anew' : verdict.startAgain ? 'start again' : 'pending';
    return verdict?.kind === 'failed' ? verdict.verdict : (verdict?.kind ?? 'ask');
  };
  const table: readonly (readonly [string, Parameters<typeof container>[0], RestartPolicy, string])[] = [
    ['asks what the engine started again', { state: 'running', restartCount: 1, startedAt: before }, 'always', 'ask'],
    ['judges what crashed since', { state: 'running', restartCount: 2, startedAt: since }, 'always', 'crashed'],
    ['starts again what was killed with it', { state: 'exited', exitCode: 137, finishedAt: before }, 'no', 'start again'],
    ['starts again what it asked to end', { state: 'exited', exitCode: 143, finishedAt: before }, 'on-failure', 'start again'],
    ['starts again what ended well and should run', { state: 'exited', exitCode: 0, finishedAt: before }, 'always', 'start again'],
    ['runs nothing twice that came to its end', { state: 'exited', exitCode: 0, finishedAt: before }, 'no', 'passed'],
    ['judges what failed by itself, whenever that was', { state: 'exited', exitCode: 1, finishedAt: before }, 'always', 'crashed'],
    ['judges what was killed since', { state: 'exited', exitCode: 137, finishedAt: since }, 'no', 'crashed'],
    ['lets it come back', { state: 'restarting', exitCode: 1, finishedAt: before }, 'always', 'pending'],
    ['judges what does not', { state: 'restarting', exitCode: 1, finishedAt: since }, 'always', 'crashed'],
    [
      'makes anew what is older, and was killed since: perhaps by what is left of its first start',
      { state: 'exited', exitCode: 137, createdAt: before, finishedAt: since },
      'no',
      'make anew',
    ],
    [
      'makes anew what is older, and is killed again and again',
      { state: 'restarting', exitCode: 137, createdAt: before, finishedAt: since },
      'always',
      'make anew',
    ],
    [
      'makes anew what is older, and was restarted since',
      { state: 'running', restartCount: 1, createdAt: before, startedAt: since },
      'always',
      'make anew',
    ],
    [
      'judges what is older, and failed by itself',
      { state: 'exited', exitCode: 1, createdAt: before, finishedAt: since },
      'always',
      'crashed',
    ],
  ];
  for (const [name, changes, policy, expected] of table) it(name, () => assert.equal(judge(changes, policy), expected));

  for (const [name, changes, policy] of table.filter(([, , , expected]) => expected === 'make anew'))
    it(`${name}; but judges one that has served, which its engine did start`, () =>
      assert.equal(judge(changes, policy, { hasServed: true }), 'crashed'));

  it('starts again what has served, too, when it was killed with the engine', () =>
    assert.equal(judge({ state: 'exited', exitCode: 137, finishedAt: before }, 'no', { hasServed: true }), 'start again'));

  it('waits a moment with whoever was made to end: perhaps the engine ends too', () => {
    const ended = { state: 'exited', exitCode: 143, finishedAt: since } as const;
    assert.equal(judge(ended, 'no', { now: since.getTime() + 999 }), 'pending');
    assert.equal(judge(ended, 'no', { now: since.getTime() + 1_000 }), 'crashed');
  });
});

describe('the words for an end in a rollout', () => {
  const always = 'restart = "always" starts its container again whenever it ends';
  const job = `${always}: a job has to end, so write restart = "no" or "on-failure"`;
  const works = `${always}: where it is meant to end, write restart = "no" or "on-failure"`;
  const ended = (exitCode: number) => ({ state: 'exited', exitCode }) as const;
  const again = { state: 'running', restartCount: 2 } as const;
  const table: readonly (readonly [Purpose, RestartPolicy, Parameters<typeof container>[0], string])[] = [
    ['serves', 'no', ended(9), 'crashed: the container ended with code 9 before it was ready'],
    ['serves', 'always', again, 'crashed: the container crashed, and the engine restarted it 2 times'],
    ['serves', 'always', ended(0), 'exited: it ended with code 0 and restart = "always" says that it should keep running'],
    ['works', 'no', ended(9), 'exited: it ended with code 9'],
    ['works', 'on-failure', ended(9), 'exited: it ended with code 9'],
    ['works', 'always', ended(9), 'crashed: the container ended with code 9 before it was ready'],
    ['works', 'always', ended(0), `exited: it ended with code 0; ${works}`],
    ['works', 'always', { state: 'restarting', exitCode: 0 }, `crashed: it ended with code 0; ${works}`],
    ['works', 'always', again, `crashed: the container ended, and the engine restarted it 2 times; ${works}`],
    ['job', 'no', ended(9), 'exited: it ended with code 9'],
    ['job', 'always', { state: 'restarting', exitCode: 9 }, `crashed: it ended with code 9; ${job}`],
    ['job', 'always', again, `crashed: the container ended, and the engine restarted it 2 times; ${job}`],
  ];
  for (const [purpose, policy, changes, expected] of table)
    it(`are for what ${purpose === 'job' ? 'is a job' : purpose}, with restart = "${policy}" and ${JSON.stringify(changes)}: ${expected}`, () => {
      const now = Date.parse('2026-01-02T00:00:00Z');
      const verdict = judgeState({ container: container(changes), policy, purpose, strict: true, watchedSince: 0, hasServed: false, now });
      assert.equal(verdict?.kind === 'failed' && `${verdict.verdict}: ${verdict.message}`, expected);
    });
});
