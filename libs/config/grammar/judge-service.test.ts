import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { readUnrenderedService } from './read-service.ts';

/** The keys that something is said of. */
function told(service: string, more = ''): readonly (string | undefined)[] {
  const file = tomlFile('web/service.toml', `[service]\nname = "web"\nimage = "nginx"\n${service}\n[dispenser]\nwatch = true\n${more}`);
  return declareService({ file, folder: 'web', within: { path: '/config', name: './deploy' } }).problems.map(({ key }) => key);
}

/** The same while some of its variables are not known. */
function toldUnrendered(more: string): readonly (string | undefined)[] {
  const source = `[service]\nname = "web"\nimage = "nginx"\n[dispenser]\nwatch = true\n${more}[env]\nA = "\${nope}"\n`;
  const within = { path: '/config', name: './deploy' };
  return readUnrenderedService({ path: 'web/service.toml', source }, { folder: 'web', within }).problems.map(({ key }) => key);
}

const route = (more: string) => `[proxy]\nhost = "a"\nservice_port = 80\n${more}\n`;

describe('what the tables of a service get wrong together', () => {
  for (const [what, found, keys] of [
    ['half of a certificate', told('', route('key_file = "a"')), ['proxy.key_file']],
    ['a certificate of which one half is wrong in itself', told('', route('key_file = "a"\ncert_file = 5')), ['proxy.cert_file']],
    ['a whole certificate', told('', route('key_file = "a"\ncert_file = "b"')), []],
    ['no host', told('', '[proxy]\nservice_port = 80\n'), ['proxy']],
    ['no host beside one that is wrong in itself', told('', '[proxy]\nhost = 5\nservice_port = 80\n'), ['proxy.host']],
    ['host beside hosts', told('', route('hosts = ["b"]')), ['proxy.hosts']],
    ['no hosts', told('', '[proxy]\nhosts = []\nservice_port = 80\n'), ['proxy.hosts']],
    ['a host that is named twice', told('', '[proxy]\nhosts = ["a", "b", "A."]\nservice_port = 80\n'), ['proxy.hosts[2]']],
    ['a redirect from the host itself', told('', route('redirect_from = ["A"]')), ['proxy.redirect_from[0]']],
    ['a redirect from nowhere', told('', route('redirect = "temporary"')), ['proxy.redirect']],
    ['a redirect to any host', told('', '[proxy]\nhost = "*.a"\nredirect_from = ["b"]\nservice_port = 80\n'), ['proxy.redirect_from']],
    ['a redirect from every other host', told('', route('redirect_from = ["*", "*.a"]\nredirect = "Temporary"')), []],
    [
      "headers that are the proxy's own, in any spelling",
      told('', `${route('')}[proxy.request_headers]\nset = { HOST = "a", "X-A" = "b" }\nremove = ["x_forwarded_for", "Cookie"]\n`),
      ['proxy.request_headers.set.HOST', 'proxy.request_headers.remove[0]'],
    ],
    [
      'a header that is set twice, and one that ends the line',
      told('', `${route('')}[proxy.response_headers.set]\nA-b = "1"\na_B = "2"\nc = "x\\r\\ny"\n`),
      ['proxy.response_headers.set.c', 'proxy.response_headers.set'],
    ],
    ['headers', told('', `${route('')}[proxy.response_headers]\nset = { Server = "x" }\nremove = ["Via"]\n`), []],
    ['nothing to strip', told('', route('path = "//"\nstrip_prefix = true')), ['proxy.strip_prefix']],
    ['two words on the path', told('', route('path = "/a"\nstrip_prefix = true\nrewrite = "/b"')), ['proxy.strip_prefix']],
    ['a path that is none', told('', route('path = "/a"\nrewrite = "b"')), ['proxy.rewrite']],
    ['a stripped path', told('', route('path = "/a"\nstrip_prefix = true')), []],
    ['another path', told('', route('rewrite = "/b"\nstrip_prefix = false')), []],
    [
      'clients of no range',
      told('', route('allow = ["10.0.0.0/8", "10.0.0.0/33", "a", "::ffff:10.0.0.1"]')),
      ['proxy.allow[1]', 'proxy.allow[2]', 'proxy.allow[3]'],
    ],
    ['nobody to serve', told('', route('allow = []')), ['proxy.allow']],
    ['no body at all', told('', route('max_body = "0"')), ['proxy.max_body']],
    ['a size of bodies', told('', route('max_body = "10mb"')), []],
    ['a page that its status cannot have', told('', route('maintenance_status = 304\nmaintenance_page = "a"')), ['proxy.maintenance_page']],
    ['a status that is none', told('', route('maintenance_status = 199')), ['proxy.maintenance_status']],
    [
      'a pause of nobody',
      told('', route('pause = true\npause_limit = 0\npause_timeout = "x"')),
      ['proxy.pause_timeout', 'proxy.pause_limit'],
    ],
    ['a page of maintenance', told('', route('maintenance = true\nmaintenance_page = "a"\nmaintenance_status = 200')), []],
    [
      'a rate of nothing',
      told('', `${route('')}[proxy.rate_limit]\nrequests = 0\nwindow = "500ms"\n`),
      ['proxy.rate_limit.requests', 'proxy.rate_limit.window'],
    ],
    ['a window that is no time', told('', `${route('')}[proxy.rate_limit]\nrequests = 1\nwindow = "soon"\n`), ['proxy.rate_limit.window']],
    ['half a rate', told('', `${route('')}[proxy.rate_limit]\nrequests = 1\n`), ['proxy.rate_limit.window']],
    ['a rate', told('', `${route('')}[proxy.rate_limit]\nrequests = 1\nwindow = "1m"\n`), []],
    ['several hosts', told('', '[proxy]\nhosts = ["a", "*.a", "*"]\nservice_port = 80\n'), []],
    ['replicas with a port', told('replicas = 2', '[[port]]\nhost = 80\ncontainer = 80\n'), ['service.replicas']],
    [
      'replicas with a port that is wrong in itself',
      told('replicas = 2', '[[port]]\nhost = "x"\n'),
      ['port[0].host', 'port[0].container', 'service.replicas'],
    ],
    ['users of no name', told('', `${route('')}[proxy.basic_auth]\n`), ['proxy.basic_auth']],
    ['users that are no table', told('', route('basic_auth = []')), ['proxy.basic_auth']],
    ['a user with a fault of their own', told('', `${route('')}[proxy.basic_auth]\nann = 5\n`), ['proxy.basic_auth.ann']],
    [
      'users whose names are not known, where something else is not',
      toldUnrendered(`${route('')}[proxy.basic_auth]\n"\${u}" = "\${h}"\n`),
      [],
    ],
    ['users that a loop names', toldUnrendered(`${route('')}[proxy.basic_auth]\n{% for u in us %}\n"\${u}" = "\${h}"\n{% endfor %}\n`), []],
    ['users that may not be there', toldUnrendered(`${route('')}{% if a %}\n[proxy.basic_auth]\n{% endif %}\n`), []],
    ['nobody, where something else is not known', toldUnrendered(`${route('')}[proxy.basic_auth]\n`), ['proxy.basic_auth']],
    ['nothing to strip of a path that is none', told('', route('path = "/?"\nstrip_prefix = true')), ['proxy.path']],
    [
      'a page that its status cannot have (205)',
      told('', route('maintenance_status = 205\nmaintenance_page = "a"')),
      ['proxy.maintenance_page'],
    ],
    ['a protocol that is none', told('', '[[port]]\nhost = 81\ncontainer = 80\nprotocol = "sctp"\n'), ['port[0].protocol']],
    ['a path of a tcp gate', told('', '[[gate]]\ntype = "TCP"\npath = "/"\n'), ['gate[0].path']],
    ['a path of a gate of no kind', told('', '[[gate]]\ntype = "x"\npath = "/"\n'), ['gate[0].type']],
    ['a label of our own in a table', told('labels = { a = "b", "kedge.x" = "y" }'), ['service.labels.kedge.x']],
    ['a label of our own in a list', told('labels = ["a=b", "kedge.x=y"]'), ['service.labels[1]']],
    ['labels like ours', told('labels = ["kedge=a", "kedgeling.x=y"]'), []],
  ] as const) {
    it(`is told for ${what}`, () => assert.deepEqual(found, keys));
  }
});
