import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { type ContainerPlan, labels } from '../ports.ts';
import { createBody, hostnameBetraysService, withoutSecrets } from './docker-create-body.ts';

const plan: ContainerPlan = {
  name: 'web.aaaaaaaa.0',
  image: 'sha256:abc',
  labels: { [labels.service]: 'web' },
  restart: 'no',
  env: {},
  ports: [],
  volumes: [],
  extraHosts: [],
  network: 'kedge',
  address: '172.28.0.7',
  networks: ['backend'],
};

describe('what the engine is told to create', () => {
  it('has the fixed address and no alias, and leaves to the image what is not declared', () => {
    const body = createBody(plan);
    assert.deepEqual(body.NetworkingConfig, { EndpointsConfig: { kedge: { IPAMConfig: { IPv4Address: '172.28.0.7' } } } });
    for (const key of ['Cmd', 'Entrypoint', 'WorkingDir', 'User', 'Hostname']) assert.equal(key in body, false, key);
    assert.deepEqual(body.HostConfig, {
      NetworkMode: 'kedge',
      RestartPolicy: { Name: 'no' },
      Binds: [],
      PortBindings: {},
      ExtraHosts: ['host.docker.internal:host-gateway'],
    });
  });

  it('has no endpoint on the network of the host', () => {
    const body = createBody({ ...plan, network: 'host', address: null, networks: [] });
    assert.equal('NetworkingConfig' in body, false);
    assert.equal(body.HostConfig?.NetworkMode, 'host');
  });

  it('has every declared thing in the engine’s words', () => {
    const body = createBody({
      ...plan,
      command: ['run', new Sealed('hunter2')],
      entrypoint: ['/bin/app'],
      workingDir: '/srv',
      user: '1000:1000',
      hostname: 'app',
      memoryBytes: 1024,
      nanoCpus: 5,
      restart: 'on-failure',
      env: { A: 'b=c', TOKEN: new Sealed('hunter2') },
      volumes: [
        { source: '/data', target: '/srv/data', readonly: false },
        { source: 'named', target: '/named', readonly: true },
      ],
      extraHosts: [{ hostname: 'db', address: '10.0.0.1' }],
      ports: [
        { host: 8080, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' },
        { host: 8081, container: 80, protocol: 'tcp', hostIp: '127.0.0.1' },
        { host: 53, container: 53, protocol: 'udp', hostIp: '0.0.0.0' },
      ],
    });
    assert.deepEqual(
      [body.Cmd, body.Entrypoint, body.WorkingDir, body.User, body.Hostname],
      [['run', 'hunter2'], ['/bin/app'], '/srv', '1000:1000', 'app'],
    );
    assert.deepEqual(body.Env, ['A=b=c', 'TOKEN=hunter2']);
    assert.deepEqual(body.ExposedPorts, { '80/tcp': {}, '53/udp': {} });
    assert.deepEqual(body.HostConfig, {
      NetworkMode: 'kedge',
      RestartPolicy: { Name: 'on-failure' },
      Memory: 1024,
      NanoCpus: 5,
      Binds: ['/data:/srv/data', 'named:/named:ro'],
      ExtraHosts: ['host.docker.internal:host-gateway', 'db:10.0.0.1'],
      PortBindings: {
        '80/tcp': [
          { HostIp: '0.0.0.0', HostPort: '8080' },
          { HostIp: '127.0.0.1', HostPort: '8081' },
        ],
        '53/udp': [{ HostIp: '0.0.0.0', HostPort: '53' }],
      },
    });
  });

  it('has the labels of the user beside those of Kedge, which they never stand for', () => {
    const given = { team: 'a', token: new Sealed('hunter2'), [labels.service]: 'other', 'kedge.kind': 'job' };
    assert.deepEqual(createBody({ ...plan, userLabels: given }).Labels, { team: 'a', token: 'hunter2', [labels.service]: 'web' });
  });

  it('has the options in both of its parts, and nothing of them where none is declared', () => {
    const body = createBody({ ...plan, options: { init: true, stopSignal: 'SIGQUIT' } });
    assert.equal(body.StopSignal, 'SIGQUIT');
    assert.equal(body.HostConfig?.Init, true);
    assert.deepEqual(createBody({ ...plan, options: {} }), createBody(plan));
  });

  it('lacks a host name that the engine would resolve to the service', () => {
    assert.equal(hostnameBetraysService({ ...plan, hostname: 'Web' }), true);
    assert.equal('Hostname' in createBody({ ...plan, hostname: 'Web' }), false);
    assert.equal(hostnameBetraysService({ ...plan, hostname: 'web-1' }), false);
    assert.equal(hostnameBetraysService(plan), false);
  });
});

describe('a text without secrets', () => {
  it('has every secret value covered, wherever it stands', () => {
    const env = { TOKEN: new Sealed('hunter2'), EMPTY: new Sealed(''), PLAIN: 'plain' };
    assert.equal(withoutSecrets('hunter2 and plain and hunter2', { env }), '[sealed] and plain and [sealed]');
  });

  it('has those of the healthcheck and of the log driver in clear for the engine, and covered in what it says', () => {
    const options = {
      healthcheck: { test: ['CMD', 'ping', new Sealed('hunter5')] },
      logging: { driver: 'splunk', options: { token: new Sealed('hunter6') } },
    };
    const { Healthcheck, HostConfig } = createBody({ ...plan, options });
    assert.deepEqual(Healthcheck?.Test, ['CMD', 'ping', 'hunter5']);
    assert.deepEqual(HostConfig?.LogConfig, { Type: 'splunk', Config: { token: 'hunter6' } });
    assert.equal(withoutSecrets('no hunter5, no hunter6', { env: {}, options }), 'no [sealed], no [sealed]');
  });

  it('has those of the command, the entrypoint and the labels covered as well', () => {
    const parts = {
      env: {},
      userLabels: { token: new Sealed('hunter4') },
      command: ['serve', new Sealed('hunter2')],
      entrypoint: [new Sealed('/opt/hunter3')],
    };
    assert.equal(
      withoutSecrets('exec: "/opt/hunter3": not found (hunter2, serve), label hunter4', parts),
      'exec: "[sealed]": not found ([sealed], serve), label [sealed]',
    );
  });
});
