import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { endpoints } from '../testing/endpoints.ts';
import { adoptEndpoints, type KnownEndpoints, type ObservedEndpoints } from './adopt-endpoints.ts';

const web = endpoints('web', [{ id: 'c1', port: 80 }]);
const webDraining = endpoints('web', [{ id: 'c1', port: 80, state: 'draining' }]);
const api = endpoints('api', [{ id: 'c2', port: 80 }]);
const name = (text: string) => ServiceName.parse(text);

function observed(epoch: string, entries: readonly (readonly [typeof web, number])[]): ObservedEndpoints {
  return {
    epoch,
    settings: {},
    unreadable: new Set(),
    services: new Map(entries.map(([entry, sequence]) => [entry.service, { entry, revision: `${epoch}.${sequence}` }])),
  };
}

function known(epoch: string, entries: readonly (readonly [typeof web, number])[]): KnownEndpoints {
  return adoptEndpoints({ known: null, observed: observed(epoch, entries), orphansExpired: false }).next;
}

describe('adopting endpoints', () => {
  it('takes everything at first', () => {
    const { next, changed } = adoptEndpoints({ known: null, observed: observed('e1', [[web, 4]]), orphansExpired: false });
    assert.equal(changed, true);
    assert.deepEqual(next.services.get(web.service), { entry: web, revision: 'e1.4', contentRevision: 'e1.4' });
  });

  it('follows the revision of an entry that was only paid off, without disturbing requests', () => {
    const { next, changed } = adoptEndpoints({
      known: known('e1', [[web, 4]]),
      observed: observed('e1', [[web, 5]]),
      orphansExpired: false,
    });
    assert.equal(changed, false);
    assert.deepEqual(next.services.get(web.service), { entry: web, revision: 'e1.5', contentRevision: 'e1.4' });
  });

  it('keeps a service as it was while its entry cannot be read, and lets it go when it is really gone', () => {
    const before = known('e1', [[web, 4]]);
    const { next, changed } = adoptEndpoints({
      known: before,
      observed: { ...observed('e1', []), unreadable: new Set(['web']) },
      orphansExpired: false,
    });
    assert.equal(changed, false);
    assert.equal(next.services.get(web.service)?.revision, 'e1.4');
    assert.equal(adoptEndpoints({ known: before, observed: observed('e1', []), orphansExpired: false }).next.services.size, 0);
  });

  it('notices targets, routes, hold and settings', () => {
    const before = known('e1', [[web, 4]]);
    assert.equal(adoptEndpoints({ known: before, observed: observed('e1', [[webDraining, 5]]), orphansExpired: false }).changed, true);
    assert.equal(
      adoptEndpoints({ known: before, observed: observed('e1', [[{ ...web, hold: true }, 5]]), orphansExpired: false }).changed,
      true,
    );
    assert.equal(
      adoptEndpoints({ known: before, observed: observed('e1', [[{ ...web, routes: [] }, 5]]), orphansExpired: false }).changed,
      true,
    );
    assert.equal(
      adoptEndpoints({ known: before, observed: { ...observed('e1', [[web, 4]]), settings: { enabled: false } }, orphansExpired: false })
        .changed,
      true,
    );
    assert.equal(adoptEndpoints({ known: before, observed: observed('e1', [[web, 4]]), orphansExpired: false }).changed, false);
  });

  it('takes over rules that an older version left out of what it saved, although the revision is the same', () => {
    const ruled = {
      ...web,
      routes: [],
      ruled: [{ places: [{ host: 'web.test', path: '/' }], rules: { redirect: { to: 'a.test', permanent: true } } }],
    };
    const { next, changed } = adoptEndpoints({
      known: known('e1', [[{ ...web, routes: [] }, 4]]),
      observed: observed('e1', [[ruled, 4]]),
      orphansExpired: false,
    });
    assert.equal(changed, true);
    assert.deepEqual(next.services.get(web.service)?.entry, ruled);
  });

  it('lets a service go that the same store names no longer', () => {
    const { next, changed } = adoptEndpoints({
      known: known('e1', [
        [web, 4],
        [api, 3],
      ]),
      observed: observed('e1', [[web, 4]]),
      orphansExpired: false,
    });
    assert.equal(changed, true);
    assert.deepEqual([...next.services.keys()], [web.service]);
  });

  it('serves on when the store was lost, until services are declared anew or time is up', () => {
    const before = known('e1', [
      [web, 4],
      [api, 3],
    ]);
    const empty = adoptEndpoints({ known: before, observed: observed('e2', []), orphansExpired: false });
    assert.deepEqual([empty.changed, empty.orphans], [false, [web.service, api.service]]);
    const partial = adoptEndpoints({ known: empty.next, observed: observed('e2', [[web, 1]]), orphansExpired: false });
    assert.deepEqual([partial.changed, partial.orphans], [true, [api.service]]);
    assert.equal(partial.next.services.get(web.service)?.contentRevision, 'e2.1');
    assert.equal(partial.next.services.get(name('api'))?.revision, 'e1.3');
    const late = adoptEndpoints({ known: partial.next, observed: observed('e2', [[web, 1]]), orphansExpired: true });
    assert.deepEqual([late.changed, [...late.next.services.keys()]], [true, [web.service]]);
  });
});
