import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WritableMount } from '../ports.ts';
import { stillWritten } from './still-written.ts';

const mount: WritableMount = { container: 'c1', name: 'web', owner: { node: 'local', service: 'web' }, source: 'data' };

describe('stillWritten', () => {
  const asked = {
    sources: ['data', '/srv/x'],
    held: [mount],
    node: 'local',
    declared: { shop: 'hash' } as Readonly<Record<string, string>>,
  };

  it('names the container that still writes, its service and the place', () => {
    assert.match(stillWritten(asked) ?? '', /^container web of web, which is declared no more, still writes to data; /);
  });

  const free: Readonly<Record<string, Partial<typeof asked>>> = {
    'nobody has it': { held: [] },
    'somebody has another place': { held: [{ ...mount, source: 'other' }] },
    'whoever has it stays declared': { declared: { shop: 'hash', web: 'hash' } },
    'Kedge did not make who has it': { held: [{ ...mount, owner: null }] },
    'it belongs to another node': { held: [{ ...mount, owner: { node: 'elsewhere', service: 'web' } }] },
  };
  for (const [why, changes] of Object.entries(free))
    it(`minds nothing when ${why}`, () => assert.equal(stillWritten({ ...asked, ...changes }), null));
});
