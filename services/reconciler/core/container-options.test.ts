import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { declared } from '../testing/observed.ts';
import { containerOptions, extraHost } from './container-options.ts';

const sealed = new Sealed('hunter2');
const optionsOf = (service: Record<string, unknown>) =>
  containerOptions(declared({ service }).service, (text) => (typeof text === 'string' ? text : sealed));
/** Only what is said. */
const said = (service: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(optionsOf(service)).filter(([, value]) => value !== undefined));

describe('the options of a container', () => {
  it('are none when none is declared', () => assert.deepEqual(said({}), { deviceRequests: [] }));

  it('have durations in milliseconds and sizes in bytes', () => {
    const healthcheck = {
      test: ['CMD', 'true'],
      interval: '1m30s',
      timeout: '3s',
      retries: 4,
      start_period: '20s',
      start_interval: '500ms',
    };
    const { healthcheck: check, stopGraceMs, shmBytes } = optionsOf({ healthcheck, stop_grace_period: '1m', shm_size: '64m' });
    const times = { intervalMs: 90_000, timeoutMs: 3_000, startPeriodMs: 20_000, startIntervalMs: 500 };
    assert.deepEqual(check, { test: ['CMD', 'true'], retries: 4, ...times });
    assert.deepEqual([stopGraceMs, shmBytes], [60_000, 64 * 1024 ** 2]);
    assert.throws(() => optionsOf({ shm_size: 'much' }), { code: 'SIZE_INVALID', message: /^shm_size = "much"/ });
  });

  it('have the secrets of a healthcheck and of a log driver', () => {
    const token = { ref: 'web/service.toml#/x', fingerprint: 'k1:aa' };
    const { healthcheck, logging } = optionsOf({
      healthcheck: { test: ['CMD', 'ping', token] },
      logging: { driver: 'splunk', options: { 'splunk-token': token, 'splunk-url': 'https://log' } },
    });
    assert.deepEqual(healthcheck?.test, ['CMD', 'ping', sealed]);
    assert.deepEqual(logging, { driver: 'splunk', options: { 'splunk-token': sealed, 'splunk-url': 'https://log' } });
  });

  it('have the options of a tmpfs by its place', () => {
    assert.deepEqual(optionsOf({ tmpfs: ['/run', '/tmp:size=64m,mode=1777'] }).tmpfs, { '/run': '', '/tmp': 'size=64m,mode=1777' });
  });

  const devices: readonly (readonly [string, string, string, string])[] = [
    ['/dev/fuse', '/dev/fuse', '/dev/fuse', 'rwm'],
    ['/dev/fuse:r', '/dev/fuse', '/dev/fuse', 'r'],
    ['/dev/sda:/dev/xvda', '/dev/sda', '/dev/xvda', 'rwm'],
    ['/dev/sda:/dev/xvda:rw', '/dev/sda', '/dev/xvda', 'rw'],
  ];
  for (const [text, onHost, inContainer, may] of devices) {
    it(`read the device ${text}`, () => assert.deepEqual(optionsOf({ devices: [text] }).devices, [{ onHost, inContainer, may }]));
  }

  it('ask the engine for devices that have a name instead of a path', () => {
    const { devices: byPath, deviceRequests } = optionsOf({ devices: ['vendor.com/gpu=0', 'vendor.com/gpu=1', '/dev/fuse'] });
    assert.deepEqual(
      byPath?.map(({ onHost }) => onHost),
      ['/dev/fuse'],
    );
    assert.deepEqual(deviceRequests, [
      { driver: 'cdi', count: 0, ids: ['vendor.com/gpu=0', 'vendor.com/gpu=1'], capabilities: [], options: {} },
    ]);
  });

  for (const name of ['nvidia.com/gpu=all', 'nvidia.com/gpu=0:1', 'vendor/class=x', 'v-1.a_b/net-class=eth0.5']) {
    it(`ask for ${name} by its name`, () => {
      const { devices: byPath = [], deviceRequests } = optionsOf({ devices: [name] });
      assert.deepEqual(byPath, []);
      assert.deepEqual(deviceRequests, [{ driver: 'cdi', count: 0, ids: [name], capabilities: [], options: {} }]);
    });
  }

  const gpus: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
    [{}, { count: -1 }],
    [{ count: -1 }, { count: -1 }],
    [
      { count: 2, driver: 'nvidia' },
      { count: 2, driver: 'nvidia' },
    ],
    [{ device_ids: ['0', '3'] }, { count: 0, ids: ['0', '3'] }],
    [{ capabilities: ['gpu', 'compute'] }, { count: -1, capabilities: ['gpu', 'compute'] }],
    [{ options: { virtualization: 'false' } }, { count: -1, options: { virtualization: 'false' } }],
  ];
  for (const [request, expected] of gpus) {
    it(`ask for processors by ${JSON.stringify(request)}`, () => {
      const all = { driver: '', ids: [], capabilities: ['gpu'], options: {}, ...expected };
      assert.deepEqual(optionsOf({ gpus: [request] }).deviceRequests, [all]);
    });
  }

  it('spell security options as engines do', () => {
    const written = ['no-new-privileges', 'seccomp:unconfined', 'label=user:me', 'label:type:svirt_apache_t'];
    assert.deepEqual(optionsOf({ security_opt: written }).securityOpt, [
      'no-new-privileges',
      'seccomp=unconfined',
      'label=user:me',
      'label=type:svirt_apache_t',
    ]);
  });

  it('leave the log driver to the engine when only its options are declared', () => {
    assert.deepEqual(optionsOf({ logging: { options: { 'max-size': '1m' } } }).logging, { driver: '', options: { 'max-size': '1m' } });
  });
});

describe('an extra host', () => {
  for (const [text, hostname, address] of [
    ['db:10.0.0.1', 'db', '10.0.0.1'],
    ['me:host-gateway', 'me', 'host-gateway'],
    ['six:::1', 'six', '::1'],
    ['six:[2001:db8::1]', 'six', '2001:db8::1'],
  ] as const) {
    it(`is read from ${text}`, () => assert.deepEqual(extraHost(text), { hostname, address }));
  }
});
