import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReleaseName, ServiceName, type Target } from '@kedge/shared/contracts';
import { compileBalancing } from './compile-balancing.ts';
import { cookieIn, spread } from './spread.ts';
import { setCookie, stickyCookie } from './sticky-cookie.ts';

const releaseOf = (digit: string) => ReleaseName.parse(`v1:${digit.repeat(64)}`);
const targetsOf = (count: number, digit = '1'): Target[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `c${digit}${index}`,
    address: '10.0.0.1',
    port: 80,
    release: releaseOf(digit),
    state: 'ready',
  }));

interface Asked {
  readonly turn?: number;
  readonly chance?: number;
  readonly open?: Readonly<Record<string, number>>;
  readonly headers?: readonly string[];
  readonly client?: string;
}

const service = ServiceName.parse('web');

function order(
  ready: readonly Target[],
  entry: Omit<Parameters<typeof compileBalancing>[0], 'service' | 'targets'>,
  { turn = 0, chance = 0, open = {}, headers = [], client = '192.0.2.1' }: Asked = {},
): string[] {
  const balancing = compileBalancing({ service, ...entry, targets: [...ready] });
  assert.ok(balancing);
  const spreading = { balancing, turn, chance, openOf: (id: string) => open[id] ?? 0, rawHeaders: headers, client: () => client };
  return spread(ready, spreading).map(({ id }) => id);
}

describe('spreading requests', () => {
  it('prefers who has the fewest, and among equals whose turn it is', () => {
    const least = { balancing: { balance: 'least-requests' } };
    assert.deepEqual(order(targetsOf(3), least, { open: { c10: 2, c11: 1 } }), ['c12', 'c11', 'c10']);
    assert.deepEqual(order(targetsOf(3), least, { turn: 1 }), ['c11', 'c12', 'c10']);
    assert.deepEqual(order(targetsOf(3), least, { turn: 2, open: { c12: 1 } }), ['c10', 'c11', 'c12']);
  });

  it('gives the same client the same target, whoever’s turn it is, and only moves those whose target goes', () => {
    const hash = { balancing: { balance: 'hash' } };
    const all = targetsOf(5);
    const clients = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const first = clients.map((client, turn) => order(all, hash, { client, turn })[0]);
    const counts = all.map(({ id }) => first.filter((chosen) => chosen === id).length);
    assert.ok(
      counts.every((count) => count > 140 && count < 260),
      counts.join(),
    );
    const without = all.filter(({ id }) => id !== 'c12');
    clients.forEach((client, index) => {
      const now = order(without, hash, { client, turn: index + 1 })[0];
      if (first[index] !== 'c12') assert.equal(now, first[index]);
    });
  });

  it('hashes a header or a cookie, and takes turns where there is none', () => {
    const all = targetsOf(4);
    const byHeader = { balancing: { balance: 'hash', hash_by: 'header:X-User' } };
    const ann = order(all, byHeader, { headers: ['x-user', 'ann'] });
    assert.deepEqual(order(all, byHeader, { headers: ['X-USER', 'ann'], turn: 3, client: 'other' }), ann);
    assert.deepEqual(order(all, byHeader, { turn: 2 })[0], 'c12');
    const byCookie = { balancing: { balance: 'hash', hash_by: 'cookie:user' } };
    const one = order(all, byCookie, { headers: ['Cookie', 'a=b; user=ann'] });
    assert.deepEqual(order(all, byCookie, { headers: ['cookie', 'user=ann'], turn: 1 }), one);
  });

  it('lets a client stay with its target by a cookie, as long as that is there', () => {
    const sticky = { balancing: { sticky: { cookie: 'kedge' } } };
    const all = targetsOf(3);
    const [, second = assert.fail()] = all;
    const cookieOf = (target: Target, isHttps: boolean) =>
      setCookie('kedge', stickyCookie('kedge', [target]).values.get(target.id) ?? '', isHttps);
    const [pair = ''] = cookieOf(second, true).split(';');
    for (const turn of [0, 1, 2]) assert.equal(order(all, sticky, { turn, headers: ['Cookie', `x=y; ${pair}`] })[0], 'c11');
    assert.equal(order([...targetsOf(1)], sticky, { headers: ['Cookie', pair] })[0], 'c10');
    assert.match(cookieOf(second, false), /^kedge=[\w-]{8}\.[\w-]{8}; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('divides by the weights of releases, and falls back to others', () => {
    const both = [...targetsOf(2, '1'), ...targetsOf(1, '2')];
    const shares = [
      { release: releaseOf('1'), weight: 95 },
      { release: releaseOf('2'), weight: 5 },
    ];
    const chosen = Array.from({ length: 1_000 }, (_, index) => order(both, { shares }, { chance: index / 1_000, turn: index })[0]);
    assert.equal(chosen.filter((id) => id === 'c20').length, 50);
    assert.deepEqual(order(both, { shares }, { chance: 0.99 }), ['c20', 'c10', 'c11']);
    assert.deepEqual(order(targetsOf(2, '1'), { shares }, { chance: 0.99 }), ['c10', 'c11']);
    assert.deepEqual(order(both, { shares: shares.map((share) => ({ ...share, weight: 0 })) }, { turn: 1 }), ['c11', 'c20', 'c10']);
  });

  it('keeps a client with its release while that has a share, by cookie or by what is hashed', () => {
    const both = [...targetsOf(2, '1'), ...targetsOf(2, '2')];
    const shares = [
      { release: releaseOf('1'), weight: 50 },
      { release: releaseOf('2'), weight: 50 },
    ];
    const gone = { release: releaseOf('2'), id: 'left long ago' };
    const value = stickyCookie('kedge', [gone]).values.get(gone.id);
    const headers = ['Cookie', `kedge=${value}`];
    for (const chance of [0, 0.4, 0.9])
      assert.match(order(both, { shares, balancing: { sticky: { cookie: 'kedge' } } }, { chance, headers })[0] ?? '', /^c2/);
    const hashed = { shares, balancing: { balance: 'hash' } };
    const first = order(both, hashed, { chance: 0 });
    assert.deepEqual(order(both, hashed, { chance: 0.9 }), first);
  });
});

describe('cookieIn', () => {
  for (const [header, value] of [
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    ['b=2;a=1; a=3', '1'],
    ['aa=1', undefined],
    ['a', undefined],
    ['a=', ''],
  ] as const) {
    it(`finds ${value} in "${header}"`, () => assert.equal(cookieIn(['Cookie', header], 'a'), value));
  }
});
