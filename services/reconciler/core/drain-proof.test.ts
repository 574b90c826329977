import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord } from '@kedge/shared/contracts';
import { service } from '../testing/observed.ts';
import { proveDrain } from './drain-proof.ts';

const at = '2026-01-01T00:00:00.000Z';
function proxy(instance: string, revision: string | null, open: Record<string, number> = {}): ProxyRecord {
  const applied = revision === null ? {} : { web: revision };
  return ProxyRecord.parse({
    node: 'local',
    instance,
    container: null,
    startedAt: at,
    heartbeatAt: at,
    beats: 1,
    goodbye: false,
    applied,
    open,
  });
}
const asked = { service, revision: 'e1.7', draining: ['old'] };

describe('proveDrain', () => {
  it('needs no proof where no proxy lives', () => {
    assert.deepEqual(proveDrain({ ...asked, proxies: [] }), { applied: true, openRequests: 0, waitingFor: [] });
  });

  it('waits for every proxy to apply the revision or a newer one', () => {
    const proxies = [proxy('p1', 'e1.7'), proxy('p2', 'e1.6'), proxy('p3', null), proxy('p4', 'e1.12')];
    assert.deepEqual(proveDrain({ ...asked, proxies }), { applied: false, openRequests: 0, waitingFor: ['p2', 'p3'] });
  });

  it('never takes a revision of another epoch for applied', () => {
    assert.equal(proveDrain({ ...asked, proxies: [proxy('p1', 'e0.9')] }).applied, false);
  });

  it('counts the requests on draining targets only, over all proxies', () => {
    const proxies = [proxy('p1', 'e1.7', { old: 2, other: 5 }), proxy('p2', 'e1.8', { old: 1 }), proxy('p3', 'e1.8', { old: 0 })];
    assert.deepEqual(proveDrain({ ...asked, proxies }), { applied: true, openRequests: 3, waitingFor: ['p1', 'p2'] });
  });
});
