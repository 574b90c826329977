import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf, service } from '../testing/observed.ts';
import { containerName } from './container-name.ts';

describe('containerName', () => {
  it('is the same for the same place, and another one for each release and slot', () => {
    const names = ['v1', 'v2'].flatMap((version) => [0, 1].map((slot) => containerName({ service, release: releaseOf(version), slot })));
    assert.equal(new Set(names).size, 4);
    assert.equal(containerName({ service, release: releaseOf('v1'), slot: 0 }), names[0]);
    assert.match(names[1] ?? '', /^web\.[0-9a-f]{8}\.1$/);
  });
});
