import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownContainer } from './own-container.ts';

describe('the own container', () => {
  it('is none where there is no mount table', async () => assert.equal(await ownContainer('/nowhere/mountinfo'), null));
});
