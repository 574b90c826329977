import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { createNeighbourhood } from './neighbourhood.ts';

function service(name: string, more = '') {
  const source = `[service]\nname = "${name}"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n${more}`;
  return declareService({ file: tomlFile(`${name}/service.toml`, source), folder: name, within: { path: '/c', name: '/c' } }).service;
}

const port = (host: number, ip = '10.0.0.1') => `[[port]]\nhost = ${host}\ncontainer = 80\nhost_ip = "${ip}"\n`;
const route = (host: string) => `[proxy]\nhost = "${host}"\nservice_port = 80\n`;
const after = (name: string) => `[depends_on]\n${name} = "started"\n`;
const network = (name: string) => `[[network]]\nname = "${name}"\n`;

const web = service('web', `${after('api')}${port(1000)}${route('web.example.com')}`);
const api = service('api', after('db'));
const database = service('db');

function neighbourhood() {
  return createNeighbourhood([web, api, database], { networks: ['inner'], proxyPort: 80, httpsPort: 443 });
}

const rows: readonly (readonly [said: string, after: string, getsAlong: boolean])[] = [
  ['nothing of the others', '', true],
  ['a network that is declared', network('inner'), true],
  ['a network that is not', network('outer'), false],
  ['the port of another one', port(1000), false],
  ['the port of another one on another address, which has to be judged', port(1000, '10.0.0.2'), false],
  ['a port of its own', port(1001), true],
  ['the port of the proxy', port(80), false],
  ['its port for HTTPS', port(443), false],
  ['the route of another one', route('WEB.example.com'), false],
  ['a route of its own', route('db.example.com'), true],
  ['to wait for nobody', after('nobody'), false],
  ['to wait for itself', after('db'), false],
  ['to wait for who waits for it', after('web'), false],
];

describe('services that get along', () => {
  for (const [said, more, getsAlong] of rows) {
    it(`${getsAlong ? 'still do' : 'may not any more'} when one wants ${said}`, () => {
      assert.equal(neighbourhood().exchange([{ before: database, after: service('db', more) }]), getsAlong);
    });
  }

  it('do not when two have one name, or somebody waits for a name that is gone', () => {
    assert.equal(neighbourhood().exchange([{ before: web, after: service('api') }]), false);
    assert.equal(neighbourhood().exchange([{ before: database, after: service('other') }]), false);
    assert.equal(neighbourhood().exchange([{ before: web, after: service('other') }]), true);
  });

  it('may take what another one left, also in the same moment', () => {
    const street = neighbourhood();
    const other = service('web', after('api'));
    assert.equal(street.exchange([{ before: web, after: other }]), true);
    const taking = service('db', `${port(1000)}${route('web.example.com')}`);
    assert.equal(street.exchange([{ before: database, after: taking }]), true);
    const swapped = [
      { before: taking, after: other },
      { before: other, after: taking },
    ];
    assert.equal(street.exchange(swapped), true);
  });

  it('wait for each other only one way round, also by a name that moved', () => {
    const street = neighbourhood();
    const renamed = [
      { before: database, after: service('store') },
      { before: api, after: service('api', after('store')) },
    ];
    assert.equal(street.exchange(renamed), true);
    assert.equal(street.exchange([{ before: service('store'), after: service('db') }]), false);
  });
});
