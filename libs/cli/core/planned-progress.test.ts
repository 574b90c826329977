import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply } from '@kedge/shared/contracts';
import { web } from '../testing/samples.ts';
import { plannedProgress } from './planned-progress.ts';

type Planned = PlanReply['changes'][number];
const reason = 'watch = false stays with the first digest';
const problem = { code: 'PULL_FAILED', message: 'no route' };

describe('plannedProgress', () => {
  const cases: readonly (readonly [string, Partial<Planned>, string])[] = [
    [
      'tells what is done with a release that stays',
      { action: 'repair', steps: ['create web.1.0', 'create web.1.1'] },
      'create web.1.0, create web.1.1',
    ],
    ['tells so of what starts again as it is', { action: 'restart', steps: ['start 0123456789ab'] }, 'start 0123456789ab'],
    [
      'tells what is waited for, without a time that changes',
      { action: 'repair', waits: ['it has to run for a while, looking again in 2.9 s'] },
      'it has to run for a while',
    ],
    ['tells why, where nothing is done yet', { action: 'repair' }, reason],
    ['tells why, where something stands in the way', { action: 'repair', steps: ['create web.1.0'], problem }, reason],
    ['tells why another release is wanted', { action: 'roll', steps: ['pull the image'] }, reason],
  ];
  for (const [name, planned, line] of cases)
    it(name, () => assert.equal(plannedProgress({ service: web, action: 'roll', reason, steps: [], ...planned }), line));
});
