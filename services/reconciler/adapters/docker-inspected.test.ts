import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { labels } from '../ports.ts';
import { isAttachedAs } from './docker-aliases.ts';
import { InspectedContainer, observe } from './docker-inspected.ts';

type Answer = z.input<typeof InspectedContainer>;

const ours = {
  [labels.node]: 'local',
  [labels.service]: 'web',
  [labels.release]: `v1:${'a'.repeat(64)}`,
  [labels.rollout]: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  [labels.slot]: '0',
  [labels.shape]: 'shape',
  [labels.image]: 'nginx:1',
  [labels.digest]: `sha256:${'b'.repeat(64)}`,
  [labels.source]: 'registry',
  [labels.address]: '172.28.0.7',
};
const endpoint = { IPAMConfig: { IPv4Address: '172.28.0.7' }, Aliases: ['web'], EndpointID: 'e1', IPAddress: '172.28.0.7' };

/** As engine 28 answers, shortened. */
function answer({
  state = {},
  networks = { kedge: endpoint },
  ...changes
}: Partial<Answer> & { state?: Partial<Answer['State']>; networks?: object | null } = {}) {
  return InspectedContainer.parse({
    Id: 'c0ffee00c0ffee00',
    Name: '/web.aaaaaaaa.0',
    Created: '2026-11-21T00:57:18.142559934Z',
    Image: `sha256:${'c'.repeat(64)}`,
    RestartCount: 0,
    Config: { Image: 'app:latest', Labels: ours, Tty: false, Cmd: ['ignored'] },
    HostConfig: { NetworkMode: 'kedge' },
    NetworkSettings: { Networks: networks },
    Mounts: [],
    ...changes,
    State: { Status: 'running', ExitCode: 0, StartedAt: '2026-11-21T00:57:19.142559934Z', FinishedAt: '0001-01-01T00:00:00Z', ...state },
  });
}

describe('an observed container', () => {
  it('has what the engine says of it, times without the engine’s zero', () => {
    const { kedge, ...seen } = observe(answer());
    assert.deepEqual(seen, {
      id: 'c0ffee00c0ffee00',
      name: 'web.aaaaaaaa.0',
      state: 'running',
      health: 'none',
      exitCode: null,
      restartCount: 0,
      startedAt: new Date('2026-11-21T00:57:19.142Z'),
      finishedAt: null,
      createdAt: new Date('2026-11-21T00:57:18.142Z'),
      image: 'app:latest',
      imageId: `sha256:${'c'.repeat(64)}`,
      address: '172.28.0.7',
      networks: ['kedge'],
      cutFrom: [],
      namedOn: ['kedge'],
      hasAlias: true,
    });
    assert.equal(kedge?.service, 'web');
  });

  for (const { status, code, expected } of [
    { status: 'running', code: 0, expected: null },
    { status: 'paused', code: 0, expected: null },
    { status: 'created', code: 0, expected: null },
    { status: 'created', code: 127, expected: 127 },
    { status: 'exited', code: 0, expected: 0 },
    { status: 'exited', code: 137, expected: 137 },
    { status: 'restarting', code: 1, expected: 1 },
    { status: 'dead', code: 255, expected: 255 },
  ] as const) {
    it(`that is ${status} with ${code} has ended with ${expected}`, () => {
      assert.equal(observe(answer({ state: { Status: status, ExitCode: code } })).exitCode, expected);
    });
  }

  for (const [status, health] of [
    ['starting', 'starting'],
    ['healthy', 'healthy'],
    ['unhealthy', 'unhealthy'],
    ['none', 'none'],
    ['', 'none'],
  ] as const) {
    it(`whose check says "${status}" is ${health}`, () => {
      assert.equal(observe(answer({ state: { Health: { Status: status } } })).health, health);
    });
  }

  const others = { ...ours, [labels.networks]: '["back"]' };
  const unnamed = { ...endpoint, Aliases: [] };
  for (const { title, networks, cutFrom, namedOn } of [
    { title: 'named on both of its networks', networks: { kedge: endpoint, back: endpoint }, cutFrom: [], namedOn: ['kedge', 'back'] },
    { title: 'named on the default network only', networks: { kedge: endpoint, back: unnamed }, cutFrom: [], namedOn: ['kedge'] },
    { title: 'named on the other network only', networks: { kedge: unnamed, back: endpoint }, cutFrom: [], namedOn: ['back'] },
    { title: 'cut from the other network', networks: { kedge: endpoint }, cutFrom: ['back'], namedOn: ['kedge'] },
    {
      title: 'with no endpoint on the other network',
      networks: { kedge: endpoint, back: { ...unnamed, EndpointID: '' } },
      cutFrom: ['back'],
      namedOn: ['kedge'],
    },
  ]) {
    it(`tells where it hangs: ${title}`, () => {
      const seen = observe(answer({ networks, Config: { Image: 'app:latest', Labels: others, Tty: false } }));
      assert.deepEqual([seen.cutFrom, seen.namedOn, seen.hasAlias], [cutFrom, namedOn, namedOn.length === 2]);
    });
  }

  it('is where the host is when it shares its network, and has no name to answer to', () => {
    const seen = observe(answer({ networks: { host: { EndpointID: 'e' } }, HostConfig: { NetworkMode: 'host' } }));
    assert.deepEqual([seen.address, seen.hasAlias, seen.namedOn, seen.cutFrom], ['127.0.0.1', true, [], []]);
  });

  for (const { title, networks, status, address, hasAlias } of [
    {
      title: 'stopped keeps its address',
      networks: { kedge: { ...endpoint, EndpointID: '', IPAddress: '' } },
      status: 'exited',
      address: '172.28.0.7',
      hasAlias: true,
    },
    {
      title: 'running without an endpoint has none',
      networks: { kedge: { ...endpoint, EndpointID: '' } },
      status: 'running',
      address: null,
      hasAlias: true,
    },
    { title: 'taken off the network has none', networks: {}, status: 'running', address: null, hasAlias: false },
    { title: 'without any network has none', networks: null, status: 'running', address: null, hasAlias: false },
    { title: 'attached elsewhere only has none', networks: { other: endpoint }, status: 'running', address: null, hasAlias: false },
    {
      title: 'with a dynamic address has that',
      networks: { kedge: { EndpointID: 'e', IPAddress: '172.28.0.9' } },
      status: 'running',
      address: '172.28.0.9',
      hasAlias: false,
    },
    {
      title: 'with another alias does not answer for the service',
      networks: { kedge: { ...endpoint, Aliases: ['webby'] } },
      status: 'running',
      address: '172.28.0.7',
      hasAlias: false,
    },
    {
      title: 'with the alias in capitals does',
      networks: { kedge: { ...endpoint, Aliases: ['WEB'] } },
      status: 'running',
      address: '172.28.0.7',
      hasAlias: true,
    },
  ] as const) {
    it(title, () => {
      const seen = observe(answer({ networks, state: { Status: status } }));
      assert.deepEqual({ address: seen.address, hasAlias: seen.hasAlias }, { address, hasAlias });
    });
  }

  it('answers for the service by its own name too', () => {
    assert.equal(observe(answer({ Name: '/web', networks: { kedge: { ...endpoint, Aliases: null } } })).hasAlias, true);
  });

  it('of somebody else is foreign, without address or alias', () => {
    const seen = observe(answer({ Name: '/web', Config: { Labels: null } }));
    assert.deepEqual(
      { kedge: seen.kedge, address: seen.address, hasAlias: seen.hasAlias },
      { kedge: null, address: null, hasAlias: false },
    );
  });
});

describe('a container is attached as wanted', () => {
  const wanted = { name: 'kedge', address: '172.28.0.7', aliases: ['web', 'api'] };
  const withAliases = (aliases: string[] | null) => answer({ networks: { kedge: { ...endpoint, Aliases: aliases } } });

  it('when address and aliases are the same, in any order', () => {
    assert.equal(isAttachedAs(withAliases(['api', 'web']), wanted), true);
    assert.equal(isAttachedAs(withAliases(['api', 'web', 'c0ffee00c0ff']), wanted), true, 'old engines add the short id');
    assert.equal(isAttachedAs(withAliases(null), { ...wanted, aliases: [] }), true);
  });

  it('and not otherwise', () => {
    assert.equal(isAttachedAs(withAliases(['web']), wanted), false);
    assert.equal(isAttachedAs(withAliases(['api', 'web', 'more']), wanted), false);
    assert.equal(isAttachedAs(withAliases(['api', 'web']), { ...wanted, address: '172.28.0.8' }), false);
    assert.equal(isAttachedAs(withAliases(['api', 'web']), { ...wanted, name: 'other' }), false);
    const lost = answer({ networks: { kedge: { ...endpoint, Aliases: ['web', 'api'], EndpointID: '' } } });
    assert.equal(isAttachedAs(lost, wanted), false, 'configured, but not there');
  });
});
