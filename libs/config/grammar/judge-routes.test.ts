import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { sameRoutes } from './judge-routes.ts';
import { readUnrenderedService } from './read-service.ts';

const surroundings = { folder: 'web', within: { path: '/config', name: './deploy' } };
const head = '[service]\nname = "web"\nimage = "nginx"\n[dispenser]\nwatch = true\n[proxy]\nservice_port = 80\n';
const shown = ({ line, column, message }: { readonly line: number; readonly column: number; readonly message: string }) =>
  `${line}:${column} ${message}`;

const declared = (name: string, proxy: string) =>
  declareService({ ...surroundings, file: tomlFile(`${name}/service.toml`, `${head.replace('"web"', `"${name}"`)}${proxy}\n`) });

/** What is said of one service. */
const told = (proxy: string) => declared('web', proxy).problems.map(shown);

/** What is said of the same while some of its variables are not known. */
const toldUnrendered = (proxy: string) =>
  readUnrenderedService({ path: 'web/service.toml', source: `${head}${proxy}\n[env]\nA = "\${nope}"\n` }, surroundings).problems.map(shown);

/** What is said of two together. */
const clashes = (web: string, api: string) => sameRoutes([declared('web', web).service, declared('api', api).service]).map(shown);

const noScheme = 'must not have a scheme in front: write the host alone, such as "app.example.com"';

describe('the hosts of a service', () => {
  for (const [proxy, problems] of [
    [
      'hosts = ["https://a.example.com", "https://www.a.example.com"]',
      [`8:10 proxy.hosts[0]: ${noScheme}`, `8:35 proxy.hosts[1]: ${noScheme}`],
    ],
    [
      'host = "a"\nredirect = "permanent"\nredirect_from = [5, 6]',
      [
        '10:18 proxy.redirect_from[0]: must be text in quotes, not a number',
        '10:21 proxy.redirect_from[1]: must be text in quotes, not a number',
      ],
    ],
    ['host = "a"\nredirect = "permanent"\nredirect_from = 5', ['10:17 proxy.redirect_from: must be an array, not a number']],
    ['host = "a"\nredirect = "permanent"', ['9:12 proxy.redirect: needs "redirect_from", the hosts whose requests are sent to this one']],
    ['', ['6:2 proxy: has no host; write host = "app.example.com", or hosts = [...] for several']],
    ['host = "a"\nhosts = ["b"]', ['9:9 proxy.hosts: names hosts beside "host"; write all of them here']],
    ['hosts = ["a", "b", "A."]', ['8:20 proxy.hosts[2]: is named here already']],
    ['hosts = ["a", "b c", "A"]', ['8:15 proxy.hosts[1]: must not have a blank in it', '8:22 proxy.hosts[2]: is named here already']],
    ['hosts = ["::1", "[0:0:0:0:0:0:0:1]"]', ['8:17 proxy.hosts[1]: is named here already']],
    [`hosts = [${'"a",'.repeat(1_001)}]`, ['8:9 proxy.hosts: must not name more than 1000', ...again(1_000)]],
  ] as const) {
    it(`are told for ${proxy.slice(0, 80) || 'nothing'}`, () => assert.deepEqual(told(proxy), problems));
  }

  it('are judged without a word of what is not known', () => {
    for (const proxy of [
      'hosts = ["${ok}", "www.${ok}"]',
      'host = "a"\nredirect = "permanent"\nredirect_from = ["${ok}", "www.${ok}"]',
      '{% if a %}\nhost = "x"\n{% else %}\nhosts = ["y"]\n{% endif %}',
      '{% if a %}\nhost = "x"\n{% endif %}',
      'host = "a"\nredirect = "permanent"\n{% if a %}\nredirect_from = ["b"]\n{% endif %}',
    ])
      assert.deepEqual(toldUnrendered(proxy), [], proxy);
  });

  it('are judged where they are known, whatever is not', () => {
    assert.deepEqual(toldUnrendered('hosts = ["a", "${ok}", "a"]'), ['8:24 proxy.hosts[2]: is named here already']);
  });
});

describe('the routes of two services', () => {
  const first = (line: number, column: number) =>
    `"web" (web/service.toml) at line ${line}, column ${column}, and "api" (api/service.toml)`;

  for (const [what, web, api, problems] of [
    [
      'a host',
      'host = "a"',
      'host = "A."',
      [`8:8 proxy.host: two services claim the route "a/": ${first(8, 8)}; change host or path of one`],
    ],
    [
      'one of several, beside a key that hosts make needless',
      'host = "b"',
      'host = "a"\nhosts = ["c", "b"]',
      [`9:15 proxy.hosts[1]: two services claim the route "b/": ${first(8, 8)}; change host or path of one`],
    ],
    [
      'one that is redirected, behind such a key',
      'host = "a"\nhosts = ["c", "d"]\nredirect_from = ["b"]',
      'host = "b"',
      [`8:8 proxy.host: two services claim the route "b/": ${first(10, 18)}; change host or path of one`],
    ],
    [
      'one that stands beside a host that is none',
      'hosts = ["b", "a"]',
      'hosts = ["a", "b c"]',
      [`8:10 proxy.hosts[0]: two services claim the route "a/": ${first(8, 15)}; change host or path of one`],
    ],
    [
      'one address in two spellings',
      'host = "::1"',
      'host = "[0:0:0:0:0:0:0:1]"',
      [`8:8 proxy.host: two services claim the route "[::1]/": ${first(8, 8)}; change host or path of one`],
    ],
    ['other paths', 'host = "a"\npath = "/x"', 'host = "a"', []],
    ['a path that is not well-formed, and will be another one', 'host = "a"\npath = "/a b"', 'host = "a"', []],
  ] as const) {
    it(`are told for ${what}`, () => assert.deepEqual(clashes(web, api), problems));
  }
});

function again(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `8:${14 + 4 * index} proxy.hosts[${index + 1}]: is named here already`);
}
