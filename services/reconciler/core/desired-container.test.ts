import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { NodeName } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { labels } from '../ports.ts';
import { declared, releaseOf } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { desiredContainer, secretsOf, writtenBy } from './desired-container.ts';

const canary = 'hunter2-canary';
const token = { ref: 'web/service.toml#/env/TOKEN', fingerprint: 'k1:aa' };
const spec = declared({
  service: {
    labels: { team: 'a', token: { ...token, ref: 'web/service.toml#/service/labels/token' } },
    extra_hosts: ['me:host-gateway'],
    init: true,
    memory: '512m',
    cpus: '0.5',
    restart: 'always',
    command: ['serve', { ...token, ref: 'web/service.toml#/service/command/1' }],
    healthcheck: { test: ['CMD', 'ping', { ...token, ref: 'web/service.toml#/service/healthcheck/test/2' }] },
    logging: { options: { token: { ...token, ref: 'web/service.toml#/service/logging/options/token' } } },
  },
  extra_host: [{ hostname: 'db', ipv4: '10.0.0.9' }],
  env: { MODE: 'live', TOKEN: token },
  port: [{ host: 80, container: 8080 }],
  volume: [
    { source: './web/data', target: '/data' },
    { source: 'cache', target: '/cache', readonly: true },
    { source: '/srv/x', target: '/x' },
  ],
  network: [{ name: 'back' }],
});
const secrets = new Map(secretsOf(spec).map(({ ref }) => [ref, new Sealed(canary)]));
const base: Parameters<typeof desiredContainer>[0] = {
  spec,
  node: NodeName.parse('local'),
  release: releaseOf('v1'),
  rollout: 'r1',
  slot: 0,
  name: 'web.0.0',
  digest: digestOf('v1'),
  source: 'registry' as const,
  image: 'app@sha256:1',
  network: 'kedge',
  address: '10.0.0.2',
  secrets,
  configFolder: '/opt/deploy',
};
const shape = (changes: Partial<typeof base>) => desiredContainer({ ...base, ...changes }).labels[labels.shape];

describe('desiredContainer', () => {
  it('leaves nothing to default', () => {
    const plan = desiredContainer(base);
    assert.deepEqual(plan.ports, [{ host: 80, container: 8080, protocol: 'tcp', hostIp: '0.0.0.0' }]);
    assert.deepEqual([plan.memoryBytes, plan.nanoCpus, plan.restart], [512 * 1024 ** 2, 500_000_000, 'always']);
    assert.equal(desiredContainer({ ...base, spec: declared() }).restart, 'no');
    assert.deepEqual(plan.extraHosts, [
      { hostname: 'db', address: '10.0.0.9' },
      { hostname: 'me', address: 'host-gateway' },
    ]);
    assert.equal(plan.options?.init, true);
  });

  it('notes which of the values are secret, and none of them', () => {
    const { labels: given } = desiredContainer(base);
    const places = ['env/TOKEN', 'command/1', 'labels/token', 'healthcheck/2', 'logging/token'];
    assert.deepEqual(JSON.parse(given[labels.sealed] ?? ''), places);
    assert.equal(desiredContainer({ ...base, spec: declared() }).labels[labels.sealed], '[]');
  });

  it('belongs on every declared network once, beside the default one', () => {
    const network = ['back', 'kedge', 'front', 'back'].map((name) => ({ name }));
    const { networks, labels: given } = desiredContainer({ ...base, spec: declared({ network }) });
    assert.deepEqual(networks, ['back', 'front']);
    assert.equal(given[labels.networks], '["back","front"]');
    assert.equal(labels.networks in desiredContainer({ ...base, spec: declared() }).labels, false);
  });

  it('says what requests it is made for', () => {
    const proxy = { host: 'Web.test', hosts: ['Web.test', 'b.test'], path: '/api/', service_port: 80 };
    const { labels: given } = desiredContainer({ ...base, spec: declared({ proxy }) });
    assert.equal(given[labels.routes], '["web.test/api","b.test/api"]');
    assert.equal(labels.routes in desiredContainer({ ...base, spec: declared() }).labels, false);
    assert.equal(given[labels.alone], undefined);
    assert.equal(desiredContainer({ ...base, spec: declared({ service: { strategy: 'recreate' } }) }).labels[labels.alone], 'true');
    const onBridge = desiredContainer({ ...base, spec: declared({ network: [{ name: 'bridge' }] }) });
    assert.deepEqual([onBridge.networks, labels.networks in onBridge.labels], [['bridge'], false]);
  });

  it('has neither address nor other networks on the network of the host', () => {
    const plan = desiredContainer({ ...base, spec: declared({ network: [{ name: 'host' }] }), network: 'host', address: null });
    assert.deepEqual([plan.network, plan.address, plan.networks], ['host', null, []]);
    assert.equal(labels.address in plan.labels, false);
  });

  it('tells what may be written to, spelled as the engine spells it', () => {
    const volume = ['./web/data/', '../beside', 'cache', '/srv//x/'].map((source) => ({ source, target: '/data' }));
    const all = declared({ volume: [...volume, { source: '/etc', target: '/etc', readonly: true }] });
    assert.deepEqual(writtenBy(all, '/opt/deploy'), ['/opt/deploy/web/data', '/opt/beside', 'cache', '/srv/x']);
  });

  it('finds relative volumes in the configuration folder of the host', () => {
    assert.deepEqual(
      desiredContainer(base).volumes.map(({ source, readonly }) => [source, readonly]),
      [
        ['/opt/deploy/web/data', false],
        ['cache', true],
        ['/srv/x', false],
      ],
    );
  });

  it('keeps secret values out of labels and out of whatever is printed of the plan', () => {
    const plan = desiredContainer(base);
    assert.ok(!JSON.stringify(plan).includes(canary));
    assert.ok(!inspect(plan, { depth: null }).includes(canary));
    // The canary is found where it belongs, by whoever breaks the seal.
    assert.deepEqual(
      [...(plan.command ?? []), plan.env.TOKEN, plan.userLabels?.token, plan.userLabels?.team].map((text) =>
        text instanceof Sealed ? text.reveal() : text,
      ),
      ['serve', canary, canary, canary, 'a'],
    );
  });

  it('refuses to make a container without one of its secrets', () => {
    assert.throws(() => desiredContainer({ ...base, secrets: new Map() }), { code: 'SECRET_MISSING' });
  });

  it('has one shape wherever and whenever it is made', () => {
    assert.equal(shape({ address: '10.0.0.9', name: 'other', rollout: 'r2', slot: 4 }), shape({}));
    const rotated = new Map([...secrets].map(([ref]) => [ref, new Sealed('another value')]));
    assert.equal(shape({ secrets: rotated }), shape({}));
  });

  it('has another shape when something of it changed', () => {
    const other = (changes: Record<string, unknown>) => declared({ ...spec, ...changes });
    const shapes = [
      shape({}),
      shape({ digest: digestOf('v2') }),
      shape({ network: 'dispenser' }),
      shape({ configFolder: '/elsewhere' }),
      shape({ spec: other({ service: { ...spec.service, read_only: true } }) }),
      shape({ spec: other({ service: { ...spec.service, labels: { team: 'b' } } }) }),
      shape({ spec: other({ env: { MODE: 'test', TOKEN: token } }) }),
      shape({ spec: other({ env: { MODE: 'live', TOKEN: { ...token, fingerprint: 'k1:bb' } } }) }),
    ];
    assert.equal(new Set(shapes).size, shapes.length);
  });
});
