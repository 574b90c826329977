import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { readMain } from './main-configuration.ts';

const read = (text: string) => readMain({ file: tomlFile('kedge.toml', text), within: { path: '/config', name: './deploy' } });
const briefly = (text: string) => read(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('the main file', () => {
  it('may be empty', () => {
    const { main, folders, problems } = read('');
    assert.deepEqual(problems, []);
    assert.deepEqual(folders, []);
    assert.deepEqual(JSON.parse(JSON.stringify(main)), { delay: 60, service: [] });
  });

  it('reads every table', () => {
    const { main, problems } = read(`
delay = 0
[[service]]
path = "./web"
[[network]]
name = "back"
driver = "Overlay"
external = true
internal = false
attachable = false
[network.labels]
a = "b"
[proxy]
enabled = false
strategy = "HttpOnly"
trust_forwarded_headers = true
[certbot]
email = "a@example.com"
[telemetry]
enabled = true
base_uri = "/data"
something = "else"
[telemetry.maintenance]
enabled = true
`);
    assert.deepEqual(problems, []);
    assert.equal(main?.delay, 0);
    assert.deepEqual(JSON.parse(JSON.stringify(main?.network)), [
      { name: 'back', driver: 'overlay', external: true, internal: false, attachable: false, labels: { a: 'b' } },
    ]);
    assert.deepEqual(main?.proxy, { enabled: false, strategy: 'http-only', trust_forwarded_headers: true });
  });

  for (const [text, ...said] of [
    ['delay = -1', '1:9 delay: must be a whole number of seconds, 0 or more'],
    ['delay = "60"', '1:9 delay: must be a whole number, not text'],
    ['[[service]]\npath = ""', '2:8 service[0].path: must name a folder'],
    [
      '[[service]]\npath = "../x"',
      '2:8 service[0].path: lies outside of the configuration folder (./deploy); a service must be declared inside of it',
    ],
    [
      '[[service]]\npath = "a"\nname = "b"',
      '3:1 service[0].name: unknown key in [[service]]; only path is known here: what a service is stands in the service.toml of its folder',
    ],
    [
      '[[service]]\npath = "web"\n[[service]]\npath = "./web/"',
      '4:8 service[1].path: "web" is listed twice, at line 2 and 4; keep one of the two',
    ],
    ['[[network]]\nname = "a"\n[[network]]\nname = "a"', '4:8 network[1].name: the network "a" is declared twice'],
    [
      '[[network]]\nname = "bridge"',
      '2:8 network[0].name: is a network of the engine itself, which makes no other of that name; choose another, or set external = true',
    ],
    [
      '[[network]]\nname = "a"\nextrenal = true',
      '3:1 network[0].extrenal: unknown key in [[network]]; known are name, driver, external, internal, attachable, labels',
    ],
    ['[[network]]\nname = "a"\ndriver = "ipvlan"', '3:10 network[0].driver: must be one of "bridge", "host", "overlay", "macvlan", "none"'],
    ['[proxy]\nstrategy = "tls"', '2:12 proxy.strategy: must be one of "https-only", "http-only", "both"'],
    ['[certbot]', '1:2 certbot.email: is missing; it must be text in quotes'],
    ['[telemetry]\nenabled = true', '1:2 telemetry.base_uri: is missing; it must be text in quotes'],
    ['[telemetry.maintenance]\nenabld = true', '1:2 telemetry.enabled: is missing; it must be true or false, without quotes'],
  ] as const) {
    it(`is refused: ${said[0]}`, () => assert.equal(briefly(text)[0], said[0]));
  }

  it('reads every spelling that Dispenser knows', () => {
    for (const driver of ['bridge', 'host', 'overlay', 'macvlan', 'none']) {
      for (const each of [driver, driver.charAt(0).toUpperCase() + driver.slice(1)])
        assert.equal(read(`[[network]]\nname = "a"\nexternal = true\ndriver = "${each}"\n`).main?.network?.[0]?.driver, driver);
    }
    for (const [strategy, ...spellings] of [
      ['https-only', 'https-only', 'HttpsOnly'],
      ['http-only', 'http-only', 'HttpOnly'],
      ['both', 'both', 'Both'],
    ])
      for (const each of spellings) assert.equal(read(`[proxy]\nstrategy = "${each}"\n`).main?.proxy?.strategy, strategy);
  });

  it('may use a network of the engine itself', () => {
    assert.deepEqual(briefly('[[network]]\nname = "bridge"\nexternal = true'), []);
  });

  it('believes everybody, nobody or some about who asks', () => {
    const trust = (written: string) => read(`[proxy]\ntrust_forwarded_headers = ${written}\n`).main?.proxy?.trust_forwarded_headers;
    assert.deepEqual(['true', '[]', '["10.0.0.0/8", "::1"]'].map(trust), [true, [], ['10.0.0.0/8', '::1']]);
    for (const written of ['"10.0.0.0/8"', '["10.0.0.0/33"]', '[5]', '5']) {
      const [said = '', ...more] = briefly(`[proxy]\ntrust_forwarded_headers = ${written}`);
      assert.match(said, /proxy.trust_forwarded_headers/);
      assert.equal(more.length, 0, more.join());
    }
  });

  it('tells whether it may name more services or networks than can be told', () => {
    const tells = (text: string) => {
      const { allServices, allNetworks } = read(text).tells;
      return [allServices, allNetworks];
    };
    assert.deepEqual(tells('dealy = 5\n[[service]]\npath = "web"\n[[network]]\nname = "a b"\n'), [true, true]);
    assert.deepEqual(tells('[[service]]\npath = 5\n[[network]]\nname = "a"\n'), [false, true]);
    assert.deepEqual(tells('[service]\npath = "web"\n'), [false, true]);
    assert.deepEqual(tells('[[service]]\npath = "web"\n[[network]]\ndriver = "bridge"\n'), [true, false]);
  });

  it('still names its services when something else is wrong', () => {
    assert.deepEqual(read('dealy = 5\n[[service]]\npath = "web"\n[[service]]\npath = "api"\n').folders, [
      { folder: 'web', index: 0, shownAs: 'web/service.toml' },
      { folder: 'api', index: 1, shownAs: 'api/service.toml' },
    ]);
  });
});
