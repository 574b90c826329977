import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, releaseOf } from '../testing/observed.ts';
import { adoptServing } from './adopt.ts';

describe('adoptServing', () => {
  it('finds nothing among containers that do not serve', () => {
    assert.equal(adoptServing('web', []), null);
    assert.equal(
      adoptServing('web', [container({ state: 'exited' }), container({ hasAlias: false }), { ...container(), kedge: null }]),
      null,
    );
  });

  it("takes the release of the container with the service's name", () => {
    const named = container({ id: 'old', createdAt: new Date(1) });
    const newer = container({ id: 'new', name: 'web.0.0', createdAt: new Date(2), kedge: { release: releaseOf('v2') } });
    assert.equal(adoptServing('web', [newer, named])?.release, releaseOf('v1'));
  });

  it('takes the newest when none has the name', () => {
    const older = container({ id: 'old', name: 'a', createdAt: new Date(1) });
    const newer = container({ id: 'new', name: 'b', createdAt: new Date(2), kedge: { release: releaseOf('v2') } });
    assert.equal(adoptServing('web', [older, newer])?.release, releaseOf('v2'));
  });
});
