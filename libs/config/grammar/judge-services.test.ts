import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, tomlFile } from '../testing/toml-files.ts';
import { type DeclaredService, declareService } from './declared-service.ts';
import { judgeServices, type Names } from './judge-services.ts';

function declared(folder: string, more = '', { name = folder, rendering = {} } = {}): DeclaredService {
  const text = `[service]\nname = "${name}"\nimage = "nginx"\n[dispenser]\nwatch = true\n${more}`;
  const file = tomlFile(`${folder}/service.toml`, { source: text, ...rendering });
  return declareService({ file, folder, within: { path: '/config', name: './deploy' } }).service;
}

const names = (...known: readonly string[]): Names => ({ names: known, shown: known, isWhole: true });

const judge = (services: readonly DeclaredService[], surroundings: Partial<Parameters<typeof judgeServices>[1]> = {}) =>
  judgeServices(services, { networks: names(), proxyPort: null, others: names(), ...surroundings }).map(
    ({ file, line, column, message, nearest }) => [`${file}:${line}:${column} ${message}`, ...(nearest ? [nearest] : [])].join(' ~ '),
  );
const proxy = (host: string, path = '') => `[proxy]\nhost = "${host}"\nservice_port = 80\n${path && `path = "${path}"\n`}`;
const port = (host: number, more = '') => `[[port]]\nhost = ${host}\ncontainer = 80\n${more}\n`;
const waiting = (...names: readonly string[]) => `[depends_on]\n${names.map((name) => `${name} = "started"\n`).join('')}`;
const stuck = 'services wait for each other, and none of them would ever start: ';

describe('services together', () => {
  it('may be different', () => {
    const services = [
      declared('web', `${proxy('a', '/x')}${port(80)}[depends_on]\ndb = "started"\n[[network]]\nname = "back"\n`),
      declared('api', `${proxy('a', '/y')}${port(80, 'protocol = "udp"')}${port(81, 'host_ip = "127.0.0.1"')}`),
      declared('db', port(81, 'host_ip = "127.0.0.2"')),
    ];
    assert.deepEqual(judge(services, { networks: names('back') }), []);
  });

  it('must not have the same name: both files are told', () => {
    assert.deepEqual(judge([declared('a1', '', { name: 'web' }), declared('b1', '', { name: 'web' })]), [
      'b1/service.toml:2:8 service.name: "web" is the name of two services: a1/service.toml and b1/service.toml',
    ]);
  });

  it('must not claim the same route, however it is written', () => {
    assert.deepEqual(judge([declared('web', proxy('App')), declared('api', proxy('app', '/'))]), [
      'api/service.toml:7:8 proxy.host: two services claim the route "app/": "web" (web/service.toml) at line 7, column 8, and "api" (api/service.toml); change host or path of one',
    ]);
    const several = '[proxy]\nhosts = [\n  "*.app",\n  "APP",\n]\nservice_port = 80\n';
    assert.deepEqual(judge([declared('web', several), declared('api', proxy('app', '/'))]), [
      'api/service.toml:7:8 proxy.host: two services claim the route "app/": "web" (web/service.toml) at line 9, column 3, and "api" (api/service.toml); change host or path of one',
    ]);
    assert.deepEqual(judge([declared('api', proxy('app', '/')), declared('web', several)]), [
      'web/service.toml:9:3 proxy.hosts[1]: two services claim the route "app/": "api" (api/service.toml) at line 7, column 8, and "web" (web/service.toml); change host or path of one',
    ]);
    assert.equal(judge([declared('web', proxy('a', 'x/')), declared('api', proxy('a', '/x'))]).length, 1);
    assert.equal(judge([declared('web', proxy('a', '/x')), declared('api', proxy('a', '/X'))]).length, 0);
  });

  it('never quotes a host that a variable made', () => {
    const rendering = { variables: { host: 'c4nary' }, tainted: [taintedLeaf(['proxy', 'host'])] };
    const [said = ''] = judge([declared('web', proxy('c4nary')), declared('api', proxy('${host}'), { rendering })]);
    assert.match(said, /two services claim the same route: /);
    assert.ok(!said.includes('c4nary'));
  });

  it('never quotes a name that a variable made', () => {
    const rendering = { variables: { name: 'c4nary' }, tainted: [taintedLeaf(['service', 'name'])] };
    const made = (folder: string, more = '') => declared(folder, more, { name: '${name}', rendering });
    const waits = '[depends_on]\n"${name}" = "started"\n';
    for (const services of [
      [made('a1'), made('b1')],
      [made('a1', port(80)), made('b1', port(80))],
      [made('a1', proxy('x')), declared('web', proxy('x'))],
      [made('a1', waits)],
      [made('a1'), declared('web', '[depends_on]\nc4nari = "started"\n')],
    ]) {
      const said = judge(services);
      assert.ok(said.length > 0);
      assert.ok(!JSON.stringify(said).includes('c4nary'), JSON.stringify(said));
    }
  });

  it('must not publish the same port', () => {
    const said = (service: string) =>
      `${service}/service.toml:7:8 port[0].host: the same port of the host is published twice, by "web" (web/service.toml) and "${service}" (${service}/service.toml)`;
    assert.deepEqual(judge([declared('web', port(80)), declared('api', port(80))]), [said('api')]);
    assert.deepEqual(judge([declared('web', port(80)), declared('api', port(80, 'host_ip = "10.0.0.1"'))]), [said('api')]);
  });

  it('must not publish the port of the proxy', () => {
    const taken = ["web/service.toml:7:8 port[0].host: port 80 of the host is the proxy's; choose another, or route by [proxy]"];
    for (const [published, proxyPort, said] of [
      [port(80), 80, taken],
      [port(80, 'host_ip = "0.0.0.0"'), 80, taken],
      [port(80, 'host_ip = "::"'), 80, taken],
      [port(80, 'host_ip = "127.0.0.1"'), 80, []],
      [port(80, 'protocol = "udp"'), 80, []],
      [port(80), 8_080, []],
      [port(80), null, []],
    ] as const) {
      assert.deepEqual(judge([declared('web', published)], { proxyPort }), said);
    }
  });

  it('must use declared networks, as far as the main file is known', () => {
    const web = declared('web', '[[network]]\nname = "bakc"\n');
    assert.deepEqual(judge([web], { networks: names('back') }), [
      'web/service.toml:7:8 network[0].name: "bakc" is not declared; add a [[network]] to the main file ~ back',
    ]);
    assert.deepEqual(judge([web], { networks: { ...names(), isWhole: false } }), []);
  });

  it('must depend on services that exist, as far as all are known', () => {
    const services = [declared('web', '[depends_on]\ncahce = "started"\n'), declared('cache')];
    assert.deepEqual(judge(services), ['web/service.toml:7:1 depends_on.cahce: is not the name of a service ~ cache']);
    assert.deepEqual(judge(services, { others: names('cahce') }), []);
    assert.deepEqual(judge(services, { others: { ...names(), isWhole: false } }), []);
  });

  it('must not wait for each other', () => {
    const services = ['aa', 'bb', 'cc'].map((name, index, all) => declared(name, waiting(all[(index + 1) % 3] ?? '')));
    assert.deepEqual(judge(services), [`aa/service.toml:7:1 depends_on.bb: ${stuck}aa → bb → cc → aa; take one dependency out of it`]);
  });

  it('must not wait for itself', () => {
    assert.deepEqual(judge([declared('aa', waiting('aa'))]), [
      'aa/service.toml:7:1 depends_on.aa: the service waits for itself, and would never start; take this line out',
    ]);
  });

  it('must not wait for each other in circles that have a service in common: they are told in one go, where the shortest begins', () => {
    const services = [
      declared('aa', waiting('bb')),
      declared('bb', waiting('cc')),
      declared('cc', waiting('aa', 'bb')),
      declared('dd', waiting('aa')),
    ];
    assert.deepEqual(judge(services), [
      `bb/service.toml:7:1 depends_on.cc: ${stuck}bb → cc → bb, and aa → bb → cc → aa; take one dependency out of each`,
    ]);
    const apart = [
      declared('aa', waiting('bb')),
      declared('bb', waiting('aa', 'xx')),
      declared('xx', waiting('yy')),
      declared('yy', waiting('xx')),
    ];
    assert.deepEqual(judge(apart), [
      `aa/service.toml:7:1 depends_on.bb: ${stuck}aa → bb → aa; take one dependency out of it`,
      `xx/service.toml:7:1 depends_on.yy: ${stuck}xx → yy → xx; take one dependency out of it`,
    ]);
  });
});
