import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RestartPolicy } from '@kedge/shared/contracts';
import { decideEnded } from './ended-policy.ts';

const table: readonly (readonly [RestartPolicy, number, 'again' | 'completed' | 'failed'])[] = [
  ['always', 0, 'again'],
  ['always', 1, 'again'],
  ['unless-stopped', 0, 'again'],
  ['unless-stopped', 137, 'again'],
  ['on-failure', 0, 'completed'],
  ['on-failure', 2, 'again'],
  ['no', 0, 'completed'],
  ['no', 1, 'failed'],
];

describe('decideEnded', () => {
  for (const [policy, exitCode, expected] of table) {
    it(`restart = "${policy}", code ${exitCode}: ${expected}`, () => {
      const decision = decideEnded(policy, exitCode);
      assert.equal(decision.again ? 'again' : decision.state, expected);
      assert.match(decision.reason, new RegExp(`code ${exitCode}`));
    });
  }
});
