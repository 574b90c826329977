import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudEvent } from '@kedge/shared/contracts';
import type { Recording } from './follow.ts';
import { readKeptRollouts } from './kept-rollouts.ts';

const name = 'web';

function event(type: string, correlationid: string, data: unknown = {}): CloudEvent {
  const facts = {
    specversion: '1.0',
    source: 'reconciler/one',
    time: new Date(0).toISOString(),
    datacontenttype: 'application/json',
  } as const;
  return { ...facts, id: `${type}/${correlationid}`, type: `${type}.v1`, kedgenode: 'local', subject: name, correlationid, data };
}

/** What is told of v1 → v2 → v1. */
const told = ['one', 'two', 'three'].flatMap((rollout) => [event('deploy.started', rollout), event('deploy.succeeded', rollout)]);

describe('what the stream holds of rollouts', () => {
  async function read(kept: readonly CloudEvent[]) {
    const of = (subject: string) => told.filter(({ type }) => type === `${subject}.v1`);
    const events: Pick<Recording, 'of'> = { of };
    return (await readKeptRollouts({ bus: { recent: async () => kept }, events, service: name, since: new Date(0) })).endsOfEach;
  }
  const without = (left: string) => told.filter(({ id }) => id !== left);

  it('is one end for each', async () => assert.deepEqual(await read(told), Array(3).fill(['deploy.succeeded.v1'])));

  it('lacks what it took for a repetition, although everybody heard it', async () => {
    assert.deepEqual(await read(without('deploy.succeeded/two')), [['deploy.succeeded.v1'], [], ['deploy.succeeded.v1']]);
    assert.equal((await read(without('deploy.started/two'))).length, 2);
  });

  it('shows a second end of the same rollout', async () => {
    const ends = await read([...told, event('deploy.superseded', 'two')]);
    assert.deepEqual(ends[1], ['deploy.succeeded.v1', 'deploy.superseded.v1']);
  });
});
