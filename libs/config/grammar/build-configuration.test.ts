import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile, tomlFile } from '../testing/toml-files.ts';
import { buildConfiguration, type Unreadable } from './build-configuration.ts';
import { readMain } from './main-configuration.ts';
import { problemList } from './problem-list.ts';
import { readService, type ServiceReading } from './read-service.ts';

const web = '[service]\nname = "web"\nimage = "nginx"\n[dispenser]\nwatch = true\n';

function build(
  mainText: string,
  services: Readonly<Record<string, string | { readonly unreadable: string; readonly at?: Unreadable['at'] }>>,
  proxyPort: number | null = null,
) {
  const within = { path: '/config', name: '/config' };
  const main = readMain({ file: tomlFile('dispenser.toml', mainText), within });
  const readings = Object.entries(services).flatMap(([folder, text]): [string, ServiceReading & { readonly text: string }][] =>
    typeof text === 'string' ? [[folder, { text, ...readService(templateFile(`${folder}/service.toml`, text), { folder, within }) }]] : [],
  );
  const unreadable = Object.entries(services).flatMap(([folder, file]): [string, Unreadable][] =>
    typeof file === 'string' ? [] : [[folder, { reason: file.unreadable, ...(file.at ? { at: file.at } : {}) }]],
  );
  return buildConfiguration({
    entry: 'dispenser.toml',
    main,
    services: new Map(readings),
    unreadable: new Map(unreadable),
    envFiles: { variables: new Map(), unreadable: new Map() },
    proxyPort,
    httpsPort: 443,
  });
}

const briefly = (built: ReturnType<typeof build>) =>
  built.problems.length > 0
    ? problemList(built.problems).map(({ file, line, column, key }) => `${file}:${line}:${column} ${key ?? ''}`)
    : 'nothing';

describe('building a configuration', () => {
  it('puts its parts together', () => {
    const built = build('delay = 5\n[[service]]\npath = "web"\n[telemetry]\nenabled = false\nbase_uri = "x"\n', { web });
    assert.ok(built.configuration);
    const { entry, delay, services, unused } = built.configuration;
    assert.deepEqual(
      [entry, delay, services.map(({ name, folder }) => [name, folder]), unused],
      ['dispenser.toml', 5, [['web', 'web']], ['telemetry']],
    );
  });

  it('tells the faults of all files together, in reading order', () => {
    const main =
      'dealy = 5\n[[service]]\npath = "web"\n[[service]]\npath = "api"\n[[service]]\npath = "gone"\n[[service]]\npath = "toml"\n';
    const built = build(main, {
      web: `${web}[x]\n`,
      api: web.replace('image', 'imge'),
      gone: { unreadable: 'does not exist' },
      toml: '[service\n',
    });
    assert.deepEqual(briefly(built), [
      'api/service.toml:1:2 service.image',
      'api/service.toml:2:8 service.name',
      'api/service.toml:3:1 service.imge',
      'dispenser.toml:1:1 dealy',
      'dispenser.toml:7:8 service[2].path',
      'toml/service.toml:1:9 ',
      'web/service.toml:6:2 x',
    ]);
  });

  it('leaves open what a service is called whose file is no UTF-8', () => {
    const files = (at?: Unreadable['at']) => ({
      web: `${web}[depends_on]\nshop = "started"\n`,
      db: { unreadable: 'is no UTF-8', ...(at ? { at } : {}) },
    });
    const told = (at?: Unreadable['at']) => briefly(build('[[service]]\npath = "web"\n[[service]]\npath = "db"\n', files(at)));
    assert.deepEqual(told({ line: 9, column: 1 }), ['db/service.toml:9:1 ']);
    assert.deepEqual(told(), ['dispenser.toml:4:8 service[1].path', 'web/service.toml:7:1 depends_on.shop']);
  });

  it('leaves the port of HTTPS to services where that door is closed', () => {
    const on443 = `${web}[[port]]\nhost = 443\ncontainer = 443\n`;
    const folders = '[[service]]\npath = "web"\n';
    const found = ['both', 'https-only', 'http-only'].map((strategy) =>
      build(`${folders}[proxy]\nstrategy = "${strategy}"\n`, { web: on443 }),
    );
    assert.deepEqual(
      found.map(({ problems }) => problems.length),
      [1, 1, 0],
    );
  });

  it('does not call a dependency unknown while some service cannot be read', () => {
    const built = build('[[service]]\npath = "web"\n[[service]]\npath = "db"\n', {
      web: `${web}[depends_on]\ndb = "started"\n`,
      db: 'oops',
    });
    assert.deepEqual(briefly(built), ['db/service.toml:1:1 ']);
  });

  it('warns of what one service waits for and another one never does, and stays valid', () => {
    const { configuration, warnings } = build('[[service]]\npath = "web"\n[[service]]\npath = "db"\n', {
      web: `${web}[depends_on]\ndb = "completed"\n`,
      db: web.replace('"web"', '"db"').replace('[service]', '[service]\nrestart = "always"'),
    });
    assert.ok(configuration);
    assert.deepEqual(
      warnings.map(({ file, key }) => `${file} ${key}`),
      ['web/service.toml depends_on.db'],
    );
  });

  it('refuses the same folder twice, and says so once', () => {
    assert.deepEqual(briefly(build('[[service]]\npath = "web"\n[[service]]\npath = "./web"\n', { web })), [
      'dispenser.toml:4:8 service[1].path',
    ]);
  });

  it('refuses the port of the proxy while the proxy is on', () => {
    const main = '[[service]]\npath = "web"\n';
    const published = `${web}[[port]]\nhost = 80\ncontainer = 80\n`;
    assert.deepEqual(briefly(build(main, { web: published }, 80)), ['web/service.toml:7:8 port[0].host']);
    assert.deepEqual(briefly(build(`${main}[proxy]\nenabled = true\n`, { web: published }, 80)), ['web/service.toml:7:8 port[0].host']);
    assert.equal(briefly(build(`${main}[proxy]\nenabled = false\n`, { web: published }, 80)), 'nothing');
    const secure = published.replace('host = 80', 'host = 443');
    assert.deepEqual(briefly(build(main, { web: secure }, 80)), ['web/service.toml:7:8 port[0].host']);
    assert.equal(briefly(build(`${main}[proxy]\nenabled = false\n`, { web: secure }, 80)), 'nothing');
    assert.equal(briefly(build(main, { web: published })), 'nothing');
  });
});
