import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { staticEndpoints } from './static-endpoints.ts';

const web = ServiceName.parse('web');
const named = (...ports: readonly number[]) => [
  {
    name: web,
    targets: ports.map((port) => ({ address: '127.0.0.1', port })),
    routes: [{ host: 'web.test', path: '/' }],
    balancing: null,
    ports: [],
  },
];

/** Reads one after the other; what each told, as `<target> <state>`. */
function readings(...steps: readonly (readonly [nowMs: number, services: ReturnType<typeof named>])[]): string[][] {
  let last: ReturnType<typeof staticEndpoints> = { entries: new Map(), leftAt: new Map() };
  return steps.map(([nowMs, services]) => {
    last = staticEndpoints({ services, before: last.entries, leftAt: last.leftAt, nowMs, drainMs: 1_000 });
    return [...last.entries.values()].flatMap(({ entry }) => entry.targets.map(({ id, state }) => `${id} ${state}`));
  });
}

describe('the endpoints of a file', () => {
  it('are those that it names, by where they are', () => {
    assert.deepEqual(readings([0, named(1, 2)]), [['127.0.0.1:1 ready', '127.0.0.1:2 ready']]);
    const [entry] = staticEndpoints({
      services: named().map((each) => ({ ...each, targets: [{ address: '::1', port: 3 }] })),
      before: new Map(),
      leftAt: new Map(),
      nowMs: 0,
      drainMs: 0,
    }).entries.values();
    assert.equal(entry?.entry.targets[0]?.id, '[::1]:3');
  });

  it('keep a target that is named no more for as long as it drains, also when its route is gone', () => {
    const leaving = ['127.0.0.1:2 ready', '127.0.0.1:1 draining'];
    assert.deepEqual(readings([0, named(1)], [10, named(2)], [1_009, named(2)], [1_010, named(2)]), [
      ['127.0.0.1:1 ready'],
      leaving,
      leaving,
      ['127.0.0.1:2 ready'],
    ]);
    assert.deepEqual(readings([0, named(1)], [10, []], [1_009, []], [1_010, []]), [
      ['127.0.0.1:1 ready'],
      ['127.0.0.1:1 draining'],
      ['127.0.0.1:1 draining'],
      [],
    ]);
  });

  it('have a target at once that comes back while it drains', () => {
    assert.deepEqual(readings([0, named(1)], [10, named(2)], [20, named(1)]).at(-1), ['127.0.0.1:1 ready', '127.0.0.1:2 draining']);
  });
});
