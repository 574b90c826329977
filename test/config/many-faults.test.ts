import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Files } from './harness/examples.ts';
import { offlineRenderer, verdictOfFiles } from './harness/read-in-memory.ts';

const main = '[[service]]\npath = "web"\n[[service]]\npath = "api"\n';
const service = (name: string) => `[service]\nname = "${name}"\nimage = "nginx:1"\n[dispenser]\nwatch = true\n`;
const sound: Files = { 'kedge.toml': main, 'web/service.toml': service('web'), 'api/service.toml': service('api') };

/** Each problem as `file:line:column`, and of those that have none of these the first words. */
async function told(files: Files): Promise<readonly string[]> {
  const all = { ...sound, ...files };
  const verdict = await verdictOfFiles(all, offlineRenderer(all));
  assert.ok(verdict.kind === 'invalid', verdict.kind);
  return verdict.problems.map(({ file, line, column }) => `${file}:${line}:${column}`);
}

describe('many faults in one file', () => {
  it('are told together, those of the language and those of the grammar', async () => {
    const web =
      '[service]\nname = "web"\nimage = nginx\nuser = 5\ncolour = "red"\n[dispenser]\nwatch = tru\n[[port]]\nhost = "a"\ncontainer = 80\n';
    assert.deepEqual(await told({ 'web/service.toml': web }), [
      'web/service.toml:3:9',
      'web/service.toml:4:8',
      'web/service.toml:5:1',
      'web/service.toml:7:9',
      'web/service.toml:9:8',
    ]);
  });

  it('are told of the main file and of the services that it names all the same', async () => {
    const files = {
      'kedge.toml': `delay = soon\n[[service]]\npath = "web"\noops\n[[service]]\npath = "api"\n[proxy]\nenabled = 5\n`,
      'api/service.toml': service('api').replace('true', '5'),
    };
    assert.deepEqual(await told(files), ['api/service.toml:5:9', 'kedge.toml:1:9', 'kedge.toml:4:5']);
  });

  it('do not make a false one of what depends on them', async () => {
    const files = {
      'web/service.toml': `${service('web').replace('"web"', 'web')}[proxy]\nhost = a\nservice_port = 80\ncert_file = x\nkey_file = "k"\n`,
      'api/service.toml': `${service('api')}[depends_on]\nweb = "started"\n`,
    };
    assert.deepEqual(await told(files), ['web/service.toml:2:8', 'web/service.toml:7:8', 'web/service.toml:9:13']);
    const header = { ...files, 'web/service.toml': '[service\nname = "web"\nimage = 5\n[kedge]\nwatch = oops\n' };
    assert.deepEqual(await told(header), ['web/service.toml:1:9', 'web/service.toml:5:9']);
  });

  const waiting = `${service('web')}[depends_on]\n`;
  for (const [what, web, places] of [
    ['a dependency that nobody is', `${waiting}nobody = started\n`, ['7:1', '7:10']],
    ['an unknown key', service('web').replace('image', 'imgae = x\nimage'), ['3:9']],
    ['a table where a key is', service('web').replace('image', 'a.b = x\nimage'), ['3:1', '3:7']],
    ['a name as objects have it', `${service('web')}[env]\nA = "1"\n__proto__ = x\n`, ['8:1', '8:13']],
    ['an expression of nothing', service('web').replace('nginx:1', '${}'), ['3:10']],
    ['an expression of nothing in a name', `${service('web')}hostname = 5\n`.replace('"web"', '"${}"'), ['2:9', '6:1']],
  ] as const) {
    it(`are told at the key that they are about: ${what}`, async () => {
      assert.deepEqual(
        await told({ 'web/service.toml': web }),
        places.map((place) => `web/service.toml:${place}`),
      );
    });
  }

  it('are told of keys of the main file wherever these stand', async () => {
    const unknown = ['kedge.toml:1:9'];
    assert.deepEqual(await told({ 'kedge.toml': `dealy = x\n${main}` }), unknown);
    assert.deepEqual(
      await told({ 'kedge.toml': `# 1\n# 2\n\ndealy = x\n${main}` }),
      unknown.map((place) => place.replace(':1:', ':4:')),
    );
  });

  it('are told in a variable file behind an expression that is never closed', async () => {
    const files = { 'dispenser.vars': 'a = "1"\n', 'x.dispenser.vars': 'b = "${a"\nc = 5\nd = "${nope}"\n' };
    assert.deepEqual(await told(files), ['x.dispenser.vars:1:6', 'x.dispenser.vars:2:1', 'x.dispenser.vars:3:8']);
  });

  it('leave open what a service is called that does not say it legibly', async () => {
    const files = {
      'kedge.toml': main.replace('"web"', '"site"'),
      'api/service.toml': `${service('api')}[depends_on]\nweb = "started"\n`,
    };
    for (const [site, at] of [
      [service('web').replace('[service]', '[service'), 'site/service.toml:1:9'],
      [service('web').replace('"web"', 'web'), 'site/service.toml:2:8'],
    ] as const) {
      assert.deepEqual(await told({ ...files, 'site/service.toml': site }), [at]);
    }
  });

  it('are told behind an expression that is never closed, and beside undefined variables', async () => {
    const web = service('web').replace('"nginx:1"', '"nginx:${tag"\nuser = "${nobody}"\nmemory = x\ncolour = 1');
    assert.deepEqual(await told({ 'web/service.toml': web }), [
      'web/service.toml:3:16',
      'web/service.toml:4:11',
      'web/service.toml:5:10',
      'web/service.toml:6:1',
    ]);
  });

  it('are told of the text around a value, and not of line breaks within it', async () => {
    const web = service('web').replace('"nginx:1"', '"nginx:${tag}" x\nuser = 5\nmemory = oops');
    const files = { 'web/service.toml': web, 'dispenser.vars': 'tag = "a\\n[b\\nc = 1"\n' };
    assert.deepEqual(await told(files), ['web/service.toml:3:24', 'web/service.toml:4:8', 'web/service.toml:5:10']);
  });
});

describe('a fault that may have swallowed something', () => {
  const web = (from: string, to: string, rest = '') => ({ 'web/service.toml': service('web').replace(from, to) + rest });
  const volumes = '[[volume]]\nsource = "a"\ntarget = "/a"\nvolume]]\nsource = "b"\ntarget = "/b"\n';
  const script = '[env]\nA = "1"\n[gpu]\n';
  for (const [what, files, places] of [
    ['a header', web('[dispenser]', 'dispenser]'), ['4:10']],
    ['one of several headers', web('', '', volumes), ['9:7']],
    ['a header and its line', web('\n[dispenser]\n', ' command = ["a"]\n[dispenser] '), ['3:19', '4:13']],
    ['a key behind another', web('', '', '[proxy]\nhost = "a" service_port = 80\n'), ['7:12']],
    ['a key in a number', web('', '', '[[port]]\nhost = 8080container = 80\n'), ['7:12']],
    ['a script', web('image', `entrypoint' = ["sh", "-c", """\n${script}"""]\nimage`), ['3:11']],
    ['a statement', web('[service]', '{% set t = "x" }\n[service]', '{% if t %}\n[env]\nA = "${no}"\n{% endif %}\n'), ['1:1']],
  ] as const) {
    it(`is told alone: ${what}`, async () => {
      assert.deepEqual(
        await told(files),
        places.map((place) => `web/service.toml:${place}`),
      );
    });
  }

  it('is told beside variables that are TOML themselves', async () => {
    const text = service('web').replace('name', 'command = ${list}\nname').replace('true', 'yes');
    const files = {
      'dispenser.vars': `list = '["a", "b"]'\nlines = 'A1 = "1"'\n`,
      'web/service.toml': `${text}[env]\n\${lines}\n{% macro m() %}[[volume]]\nsource = "a"\ntarget = "/a"\n{% endmacro %}\${ m() }\n`,
    };
    assert.deepEqual(await told(files), ['web/service.toml:6:9']);
  });

  it('is told where its name is longer than any', async () => {
    for (const steps of [2_000, 50_000]) {
      const files = web('', '', `[env]\na${'.a'.repeat(steps)} = x\n`);
      assert.deepEqual(await told(files), [`web/service.toml:7:${steps * 2 + 5}`]);
      assert.deepEqual(await told({ 'kedge.toml': `${main}[env]\na${'.a'.repeat(steps)} = x\n` }), [`kedge.toml:6:${steps * 2 + 5}`]);
    }
  });
});
