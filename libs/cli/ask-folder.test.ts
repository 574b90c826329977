import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { askFolder } from './ask-folder.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { doctorReply } from './testing/samples.ts';

/** A bus on which questions go round these watchers, each of which makes that of the folder. */
function watchers(...states: readonly (boolean | string)[]) {
  const replies = states.map((config, index) => doctorReply({ instance: `watcher-${index}`, parts: { config, registry: true } }));
  let asked = 0;
  return createFakeBus({
    'doctor.watcher': () => {
      const reply = replies[asked++ % replies.length];
      if (!reply) throw new RetryableError('REQUEST_UNANSWERED', 'nobody is there');
      return reply;
    },
  });
}

describe('why the folder cannot be read', () => {
  for (const [what, states, reason] of [
    ['is what the watcher says', ['permission denied'], 'permission denied'],
    ['is nothing where it reads it', [true], null],
    ['is nothing where it has not looked yet', [false], null],
    ['is nothing where nobody answers', [], null],
    ['is nothing where another one reads it', ['permission denied', true], null],
    ['is nothing where the first one reads it', [true, 'permission denied'], null],
    ['is what the first one says where none can', ['permission denied', 'gone'], 'permission denied'],
  ] as const) {
    it(what, async () => assert.equal(await askFolder(watchers(...states)), reason));
  }
});
