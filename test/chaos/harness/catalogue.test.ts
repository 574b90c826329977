import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entriesOf, subjects } from '@kedge/shared/contracts';
import { asked, isReadable, readableEvent, said, sampleOf } from './catalogue.ts';

describe('what is said to spoil things', () => {
  it('is every subject of the catalogue, each once', () => {
    const all = [...said, ...asked].map(({ subject }) => subject);
    assert.deepEqual(all.toSorted(), Object.keys(subjects).toSorted());
  });

  it('is heard by those who listen: some only by people and hooks', () => {
    assert.deepEqual(said.find(({ subject }) => subject === 'config.changed')?.by, ['reconciler', 'scheduler']);
    assert.deepEqual(said.find(({ subject }) => subject === 'deploy.started')?.by, []);
  });

  it('ends with something that can be read', () => {
    for (const [subject, { kind }] of entriesOf(subjects)) {
      if (kind !== 'request') assert.ok(isReadable(subject, readableEvent(subject, 'the last one')), subject);
    }
  });

  it('holds no wish that everything goes down', () => {
    const sampled = sampleOf('node.requested', { seed: 1, count: 100 });
    assert.ok(sampled.length > 20);
    assert.ok(sampled.every((bytes) => !isReadable('node.requested', bytes)));
  });
});
