import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerPart, hostPart } from './docker-options.ts';

describe('the options of a container in the engine’s words', () => {
  it('are left to image and engine where nothing is declared', () => {
    assert.deepEqual([containerPart({}), hostPart({})], [{}, {}]);
    assert.deepEqual(containerPart({ stopSignal: undefined }), {});
    assert.deepEqual(hostPart({ deviceRequests: [] }), {});
  });

  it('say how health is found out, in nanoseconds, and how it is stopped, in seconds', () => {
    const test = ['CMD-SHELL', 'curl -f localhost'];
    const times = { intervalMs: 1_000, timeoutMs: 500, startPeriodMs: 0, startIntervalMs: 100 };
    assert.deepEqual(containerPart({ healthcheck: { test, retries: 3, ...times }, stopGraceMs: 1_500, stopSignal: 'SIGINT' }), {
      Healthcheck: { Test: test, Retries: 3, Interval: 1e9, Timeout: 5e8, StartPeriod: 0, StartInterval: 1e8 },
      StopTimeout: 2,
      StopSignal: 'SIGINT',
    });
    assert.deepEqual(containerPart({ healthcheck: { test: ['NONE'] } }), { Healthcheck: { Test: ['NONE'] } });
  });

  it('say how the host runs it', () => {
    const part = hostPart({
      init: false,
      readOnly: true,
      privileged: true,
      tmpfs: { '/run': 'size=1m' },
      capAdd: ['NET_ADMIN'],
      capDrop: ['ALL'],
      securityOpt: ['no-new-privileges'],
      ulimits: { nofile: { soft: 1, hard: 2 } },
      shmBytes: 64,
      dns: ['1.1.1.1'],
      sysctls: { 'net.core.somaxconn': '1024' },
      devices: [{ onHost: '/dev/a', inContainer: '/dev/b', may: 'r' }],
      deviceRequests: [
        { driver: 'nvidia', count: -1, ids: [], capabilities: ['gpu'], options: { a: 'b' } },
        { driver: 'cdi', count: 0, ids: ['v.com/c=0'], capabilities: [], options: {} },
      ],
      logging: { driver: 'local', options: { 'max-size': '1m' } },
    });
    assert.deepEqual(part, {
      Init: false,
      ReadonlyRootfs: true,
      Privileged: true,
      Tmpfs: { '/run': 'size=1m' },
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      ShmSize: 64,
      Dns: ['1.1.1.1'],
      Sysctls: { 'net.core.somaxconn': '1024' },
      Devices: [{ PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' }],
      DeviceRequests: [
        { Driver: 'nvidia', Count: -1, DeviceIDs: [], Capabilities: [['gpu']], Options: { a: 'b' } },
        { Driver: 'cdi', Count: 0, DeviceIDs: ['v.com/c=0'], Capabilities: [], Options: {} },
      ],
      LogConfig: { Type: 'local', Config: { 'max-size': '1m' } },
    });
  });
});
