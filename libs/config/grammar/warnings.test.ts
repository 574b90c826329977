import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { readMain } from './main-configuration.ts';
import { warningsOf, warningsOfClaims, warningsOfDependencies } from './warnings.ts';

const within = { path: '/config', name: './deploy' };

function warn(more: string, { image = 'nginx:1', behaviour = 'watch = true', table = 'dispenser' } = {}): string[] {
  const text = `[service]\nname = "web"\nimage = "${image}"\n${more}\n[${table}]\n${behaviour}\n`;
  const { service, problems } = declareService({ file: tomlFile('web/service.toml', text), folder: 'web', within });
  assert.deepEqual(problems, []);
  return warningsOf(service).map(({ line, column, message }) => `${line}:${column} ${message}`);
}
const volume = (source: string) => `[[volume]]\nsource = "${source}"\ntarget = "/x"`;

describe('warnings', () => {
  it('are not given for what is ordinary', () => {
    assert.deepEqual(warn(volume('/srv/data'), { behaviour: 'watch = true\ncron = "0 0 0 * * MON-FRI"' }), []);
    assert.deepEqual(warn(volume('etc')), []);
    assert.deepEqual(warn(volume('./etc')), []);
    assert.deepEqual(warn('privileged = false\ncap_add = ["NET_BIND_SERVICE"]'), []);
    assert.deepEqual(warn('', { behaviour: 'watch = true\ncron = "0 3 * * 1"' }), []);
  });

  it('name what gives a container power over its host', () => {
    assert.match(warn('privileged = true')[0] ?? '', /^4:14 service.privileged: gives the container every right/);
    assert.match(warn('cap_add = ["NET_ADMIN", "cap_sys_admin"]')[0] ?? '', /^4:25 service.cap_add\[1\]: is nearly as much/);
    for (const source of ['/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/user/1000/podman/podman.sock']) {
      assert.match(warn(volume(source))[0] ?? '', /^5:10 volume\[0\].source: is the socket of a container engine/);
    }
    for (const source of ['/etc', '/etc/', '/proc', '/sys/.', '/var/lib/docker'])
      assert.match(warn(volume(source))[0] ?? '', /of the host/);
    for (const source of ['/run/containerd', '/var/run/podman/', '/run/user/1000', '/run/user/1000/docker', '/run/x/../crio'])
      assert.match(warn(volume(source))[0] ?? '', /^5:10 volume\[0\].source: is a folder in which a container engine has its socket/);
    for (const source of ['/run/postgresql', '/run/user/x', '/run/dockerish', '/run/user/1000/bus'])
      assert.deepEqual(warn(volume(source)), []);
    assert.match(warn(volume('/'))[0] ?? '', /the whole file system of the host/);
    assert.match(warn('[[network]]\nname = "host"')[0] ?? '', /the host's own network/);
  });

  it('name networks of the host', () => {
    const file = tomlFile('kedge.toml', '[[network]]\nname = "a"\nexternal = true\ndriver = "Host"\n[[network]]\nname = "b"\n');
    assert.deepEqual(
      readMain({ file, within }).warnings.map(({ line, key }) => [line, key]),
      [[4, 'network[0].driver']],
    );
  });

  it('name what is not used', () => {
    const route = '[proxy]\nhost = "a"\nservice_port = 80\n';
    assert.deepEqual(warn(route), []);
    const said = warn(`${route}cert_file = "a.crt"\nkey_file = "a.key"`);
    assert.equal(said.length, 1);
    assert.match(
      said[0] ?? '',
      /^7:13 proxy.cert_file: is not used by this version, nor is key_file: HTTPS is served in the stack of "kedge dev"/,
    );
  });

  it('name what a job has no use for', () => {
    const job = 'watch = true\ncron = "0 3 * * *"\ninitialize = "on-trigger"';
    const more = 'replicas = 2\n[proxy]\nhost = "a"\nservice_port = 80\n';
    assert.deepEqual(
      warn(more, { behaviour: job }).map((said) => said.split(':').slice(0, 3).join(':')),
      ['4:12 service.replicas: is not used', '5:2 proxy: is not used'],
    );
    for (const said of warn(more, { behaviour: job })) assert.match(said, /runs when its schedule says so, or on "kedge deploy", and /);
    assert.deepEqual(warn('replicas = 1', { behaviour: job }), []);
    for (const behaviour of ['watch = true', 'watch = true\ninitialize = "on-trigger"', 'watch = true\ncron = "0 3 * * *"'])
      assert.deepEqual(warn(more, { behaviour }), []);
  });

  it('name a restart that no run of a job outlives', () => {
    const cron = 'watch = true\ncron = "0 3 * * *"';
    for (const behaviour of [cron, `${cron}\ninitialize = "on-trigger"`]) {
      for (const restart of ['always', 'unless-stopped'])
        assert.match(
          warn(`restart = "${restart}"`, { behaviour }).join(),
          /^4:11 service.restart: is not for a service with cron: .* no run ever ends, .* write "no" or "on-failure"$/,
        );
      for (const restart of ['no', 'on-failure']) assert.deepEqual(warn(`restart = "${restart}"`, { behaviour }), []);
    }
    assert.deepEqual(warn('restart = "always"'), []);
  });

  it('name a pattern that is none', () => {
    const [said = ''] = warn('[proxy]\nhost = "a"\nservice_port = 80\npath = "/api/*"');
    assert.match(said, /^7:8 proxy.path: has a "\*", which stands for nothing but itself: "\/api" alone/);
  });

  it('name a path that few requests have', () => {
    const said = (path: string) => warn(`[proxy]\nhost = "a"\nservice_port = 80\npath = "${path}"`);
    for (const path of ['/api//v1', '//api', '///api/'])
      assert.match(said(path)[0] ?? '', /^7:8 proxy.path: has an empty part \("\/\/"\), which clients keep: it is for requests that/);
    for (const path of ['//', '/api//', '///'])
      assert.match(said(path)[0] ?? '', /^7:8 proxy.path: ends in more than one "\/".* no matter/);
    for (const path of ['/%', '/%zz', '/a%2', '/%2g/b'])
      assert.match(said(path)[0] ?? '', /^7:8 proxy.path: has a "%" without two hexadecimal digits .* send "%25"/);
    for (const path of ['/', '/api/', 'a/b', '/%41', '/%2F', '']) assert.deepEqual(said(path), []);
  });

  it('name an amount that lacks its unit', () => {
    for (const amount of ['5', '"64"', '1024'])
      assert.match(warn(`shm_size = ${amount}`)[0] ?? '', /^4:12 service.shm_size: is an amount of bytes, .* such as "64m"$/);
    for (const amount of ['67108864', '"64m"', '65536', '"5k"']) assert.deepEqual(warn(`shm_size = ${amount}`), []);
  });

  it('name a host name that is none', () => {
    for (const name of ['a b', '-a', 'a.', 'ä'])
      assert.match(warn(`hostname = "${name}"`)[0] ?? '', /^4:12 service.hostname: is no host name as programs know them/);
    for (const name of ['', 'box', 'a_b.c']) assert.deepEqual(warn(`hostname = "${name}"`), []);
  });

  it('name a label of a network that is not applied, where the network is made', () => {
    const said = (more: string) =>
      readMain({ file: tomlFile('kedge.toml', `[[network]]\nname = "a"\n${more}`), within }).warnings.map(({ message }) => message);
    assert.match(
      said('labels = { "managed-by" = "me" }')[0] ?? '',
      /^network\[0\].labels.managed-by: is not applied: .* says "kedge"; take it out/,
    );
    assert.deepEqual(said('labels = { managed = "me" }'), []);
    assert.deepEqual(said('labels = { "managed-by" = "kedge" }'), []);
    assert.deepEqual(said('external = true\nlabels = { "managed-by" = "me" }'), []);
  });

  it('do not contradict a problem: without external no such network is made', () => {
    const file = tomlFile('kedge.toml', '[[network]]\nname = "a"\ndriver = "Host"\n');
    const { warnings, problems } = readMain({ file, within });
    assert.deepEqual([warnings.length, problems.length], [0, 1]);
  });

  it('name a home that nobody has', () => {
    for (const source of ['~/', '~/data']) assert.match(warn(volume(source))[0] ?? '', /nobody has a home here/);
    for (const source of ['./~/data', '/~/data']) assert.deepEqual(warn(volume(source)), []);
  });

  it('name what is easily meant otherwise', () => {
    const cron = { behaviour: 'watch = true\ncron = "0 0 9 * * 1-5"' };
    assert.match(warn('', cron)[0] ?? '', /^7:8 dispenser.cron: a number as day of week is read as in standard cron/);
    assert.match(warn('', { ...cron, table: 'kedge' })[0] ?? '', /^7:8 kedge.cron: /);
    const still = { behaviour: 'watch = false' };
    assert.match(warn('', { ...still, image: 'nginx' })[0] ?? '', /^3:9 service.image: has no tag, which means "latest"/);
    for (const image of ['nginx:1', 'nginx:latest', `nginx@sha256:${'a'.repeat(64)}`]) assert.deepEqual(warn('', { ...still, image }), []);
    assert.deepEqual(warn('', { image: 'nginx' }), []);
  });

  it('name a list of clients where everybody may claim an address', () => {
    const text =
      '[service]\nname = "web"\nimage = "x:1"\n[kedge]\nwatch = true\n[proxy]\nhost = "a"\nservice_port = 80\nallow = ["10.0.0.0/8"]\n[proxy.rate_limit]\nrequests = 1\nwindow = "1s"\n';
    const { service } = declareService({ file: tomlFile('web/service.toml', text), folder: 'web', within });
    const told = (trust?: boolean | string[]) =>
      warningsOfClaims([service], { proxy: { trust_forwarded_headers: trust } }).map(
        ({ line, message }) => `${line} ${message.replace(/^[^:]*: | every client.*/g, '')}`,
      );
    const both = [
      '9 keeps nobody out: with trust_forwarded_headers as the main file has it',
      '10 holds nobody back: with trust_forwarded_headers as the main file has it',
    ];
    for (const trust of [true, ['0.0.0.0/0'], ['10.0.0.7', '::/0']]) assert.deepEqual(told(trust), both);
    for (const trust of [false, undefined, ['10.0.0.7', '10.0.0.0/8']]) assert.deepEqual(told(trust), []);
  });

  it('name a wait for an end that never comes', () => {
    const declared = (name: string, more: string) => {
      const text = `[service]\nname = "${name}"\nimage = "x:1"\n${more}\n[dispenser]\nwatch = true\n`;
      return declareService({ file: tomlFile(`${name}/service.toml`, text), folder: name, within }).service;
    };
    const waits = (condition: string, restart: string) =>
      warningsOfDependencies([
        declared('db', restart === '' ? '' : `restart = "${restart}"`),
        declared('web', `[depends_on]\ndb = "${condition}"`),
      ]).map(({ file, line, column, key, message }) => `${file}:${line}:${column} ${key} ${message}`);
    for (const restart of ['always', 'unless-stopped'])
      assert.match(
        waits('completed', restart)[0] ?? '',
        /^web\/service.toml:5:6 depends_on.db .*waits for the end of a service that is started again/,
      );
    for (const restart of ['', 'no', 'on-failure']) assert.deepEqual(waits('completed', restart), []);
    for (const condition of ['started', 'healthy']) assert.deepEqual(waits(condition, 'always'), []);
  });
});
