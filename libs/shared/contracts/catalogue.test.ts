import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buckets, entriesOf, reconcilerCommands, storedSubjects, subjects } from './catalogue.ts';

describe('the catalogue', () => {
  it('stores no request, so that an acknowledgement never overtakes an answer', () => {
    for (const subject of storedSubjects()) assert.notEqual(subjects[subject].kind, 'request', subject);
  });

  it('spells stored subjects without wildcards', () => {
    for (const subject of storedSubjects()) assert.match(subject, /^[a-z]+\.[a-z]+$/);
  });

  it('delivers every command to the reconciler', () => {
    const commands = entriesOf(subjects).filter(([, contract]) => contract.kind === 'command');
    assert.deepEqual(commands.map(([subject]) => subject).toSorted(), [...reconcilerCommands].toSorted());
  });

  it('gives every bucket one writer', () => {
    for (const [name, bucket] of entriesOf(buckets)) assert.ok(bucket.writer === 'each' ? name === 'leases' : true, name);
  });
});
