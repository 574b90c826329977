import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { describeChange } from './describe-change.ts';

const named = (...names: readonly string[]) => names.map((name) => ServiceName.parse(name));

describe('describeChange', () => {
  it('names services, what goes first', () => {
    assert.equal(
      describeChange({ added: named('api'), changed: named('web', 'db'), removed: named('old') }),
      'removed old; changed web, db; added api',
    );
    assert.equal(describeChange({ added: [], changed: named('web'), removed: [] }), 'changed web');
  });

  it('names so many as somebody reads', () => {
    const removed = named(...Array.from({ length: 500 }, (_, nth) => `s${nth}`));
    assert.equal(describeChange({ added: [], changed: [], removed }), 'removed s0, s1, s2, s3, s4, s5, s6, s7 and 492 more');
  });

  it('says when no service is touched', () => {
    assert.equal(describeChange({ added: [], changed: [], removed: [] }), 'settings that belong to no service');
  });
});
