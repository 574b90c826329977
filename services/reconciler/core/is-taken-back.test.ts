import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rolloutTo } from '../testing/observed.ts';
import { restoringStep } from './decide-rollout.ts';
import { isTakenBack } from './is-taken-back.ts';

const at = '2026-01-01T00:00:00.000Z';
const rollout = { ...rolloutTo('v2'), stopsSince: at };
const restoring = { ...rollout, step: restoringStep };
const waiting = { code: 'ENGINE_ERROR', message: 'no', since: at, retryAt: at, failures: 1 };

describe('a release that stopped what serves is taken back', () => {
  for (const [what, record, bars, answer] of [
    ['when it was judged', { rollout }, [{ rollout: rollout.id }], true],
    ['when it was given up', { rollout: restoring }, [], true],
    ['not while nobody has judged it', { rollout }, [{ rollout: 'another' }], false],
    ['not where it stopped nothing', { rollout: { ...rolloutTo('v2'), step: restoringStep } }, [{ rollout: rollout.id }], false],
    ['not where something was in its way before', { rollout: restoring, waiting }, [], false],
    ['not when it has begun to leave', { rollout: restoring, leavingSince: at }, [], false],
    ['not without a rollout', { rollout: null }, [], false],
  ] as const) {
    it(what, () => assert.equal(isTakenBack(record, bars), answer));
  }
});
