import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServicePhase } from '@kedge/shared/contracts';
import { releaseA, serviceStatus, statusReply } from '../testing/samples.ts';
import { leftToRemove } from './left-to-remove.ts';

const none = { ready: 0, wanted: 1 };
const table: readonly (readonly [phase: ServicePhase, ready: number, left: boolean, release?: null])[] = [
  ['serving', 1, true],
  ['rolling', 0, true],
  ['removing', 0, true],
  ['waiting', 0, true],
  ['failed', 0, true],
  ['completed', 0, true],
  ['stopped', 0, false],
  ['stopped', 1, true],
  ['idle', 0, true],
  ['idle', 0, false, null],
];

describe('leftToRemove', () => {
  for (const [phase, ready, left, release = releaseA] of table) {
    it(`${left ? 'counts' : 'does not count'} a service that is ${phase} with ${ready} ready${release === null ? ', and has no release' : ''}`, () => {
      const status = statusReply({ services: [serviceStatus({ phase, release, replicas: { ...none, ready } })] });
      assert.equal(leftToRemove(status).length, left ? 1 : 0);
    });
  }

  it('believes nobody while the engine does not answer', () => {
    const services = [serviceStatus({ phase: 'stopped', replicas: none })];
    assert.equal(leftToRemove(statusReply({ services, engine: { reachable: false, message: 'away' } })).length, 1);
  });
});
