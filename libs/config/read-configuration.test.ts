import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RenderReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import fc from 'fast-check';
import type { FolderReading } from './folder/folder-reading.ts';
import { createReadConfiguration } from './read-configuration.ts';
import { renderPlain } from './testing/plain-secrets.ts';
import type { Verdict } from './verdict.ts';

const variablesFile = '# first\nsecret = c4nary\n';
const web = '[service]\nname = "web"\nimage = "nginx:${tag}"\n[dispenser]\nwatch = true\n';

const secret = { ref: 'web/a.env#A', fingerprint: 'k:1' };

/** A reader over a renderer that answers as told, and counts how often it is asked. */
function reader({
  tag = '1',
  answer = (reply: RenderReply): RenderReply => reply,
  only = undefined as readonly string[] | undefined,
} = {}) {
  const asked: string[][] = [];
  const variables = { tag, fingerprint: 'v1' };
  const read = createReadConfiguration({
    folder: {
      path: '/config',
      name: './deploy',
      look: async () => ({ kind: 'ambiguous' }),
      doubt: () => undefined,
      variablesText: async (path) => (path === 'dispenser.vars' ? variablesFile : null),
    },
    renderer: {
      async render(files, envFiles) {
        asked.push([...files.map(({ path }) => path), ...(envFiles ?? [])]);
        const rendered = files.map(({ path, text }) => ({ path, ...renderPlain(text, { tag: variables.tag }), tainted: [] }));
        const env = envFiles?.map((path) => ({ path, variables: path.includes('gone') ? null : [{ name: 'A', secret }] }));
        return answer({ variables: variables.fingerprint, files: rendered, ...(env && { envFiles: env }), problems: [] });
      },
    },
    proxyPort: 80,
    only,
  });
  return { read, asked, variables };
}

const reading = (text: string, services: Readonly<Record<string, string>> = {}): FolderReading => ({
  kind: 'read',
  entry: 'kedge.toml',
  text,
  services: Object.fromEntries(Object.entries(services).map(([folder, each]) => [folder, { kind: 'text', text: each }])),
  variables: '',
});
const one = '[[service]]\npath = "web"\n';

const image = (verdict: Verdict) => verdict.kind === 'valid' && verdict.configuration.services.map(({ spec }) => spec.service.image);
const messages = (verdict: Verdict) =>
  verdict.kind === 'invalid' ? verdict.problems.map(({ file, line, message }) => `${file}:${line} ${message}`) : verdict.kind;

describe('reading a configuration', () => {
  it('renders the main file, then all others with one question', async () => {
    const { read, asked } = reader();
    const text = `${one}[[service]]\npath = "api"\n`;
    const verdict = await read(reading(text, { web, api: web.replace('"web"', '"api"') }));
    assert.deepEqual(asked, [['kedge.toml'], ['web/service.toml', 'api/service.toml']]);
    assert.deepEqual(verdict.kind === 'valid' && verdict.configuration.services.map(({ spec }) => spec.service.image), [
      'nginx:1',
      'nginx:1',
    ]);
  });

  it('knows the port of the proxy', async () => {
    const verdict = await reader().read(reading(one, { web: `${web}[[port]]\nhost = 80\ncontainer = 80\n` }));
    assert.match(verdict.kind === 'invalid' ? (verdict.problems[0]?.message ?? '') : '', /port 80 of the host is the proxy's/);
  });

  it('asks for another look when the main file names other folders than were looked at', async () => {
    const { read } = reader();
    assert.deepEqual(await read(reading(one)), { kind: 'look-again', folders: ['web'] });
    assert.deepEqual(await read(reading('', { web })), { kind: 'look-again', folders: [] });
  });

  it('knows nothing while nobody renders, and tells why', async () => {
    const { read } = reader({
      answer() {
        throw new RetryableError('REQUEST_UNANSWERED', 'secrets did not answer');
      },
    });
    assert.deepEqual(await read(reading('')), {
      kind: 'unknown',
      reason: 'the configuration could not be rendered: secrets did not answer (REQUEST_UNANSWERED)',
    });
  });

  it('does not take a fault of its own for one of the renderer', async () => {
    const { read } = reader({
      answer() {
        throw new TypeError('a bug');
      },
    });
    await assert.rejects(read(reading('')), TypeError);
  });

  it('knows nothing when variables change between two questions, or a file is missing in the answer', async () => {
    let version = 0;
    const changing = reader({
      answer(reply) {
        version += 1;
        return { ...reply, variables: `v${version}` };
      },
    });
    assert.equal((await changing.read(reading(one, { web }))).kind, 'unknown');
    const forgetful = reader({ answer: (reply) => ({ ...reply, files: reply.files.filter(({ path }) => path === 'kedge.toml') }) });
    assert.equal((await forgetful.read(reading(one, { web }))).kind, 'unknown');
    assert.equal((await reader({ answer: (reply) => ({ ...reply, files: [] }) }).read(reading('', {}))).kind, 'unknown');
  });

  it('tells problems of templates with their line, and those of variable files without it', async () => {
    const problems = [
      { path: 'web/service.toml', offset: web.indexOf('${tag}'), message: 'variable "tag" is not defined', nearest: 'tags' },
      { path: 'dispenser.vars', offset: variablesFile.indexOf('secret'), message: 'not valid TOML' },
    ];
    const main = await reader({ answer: (reply) => ({ ...reply, problems }) }).read(reading(one, { web }));
    assert.deepEqual(main.kind === 'invalid' && main.problems.find(({ file }) => file === 'dispenser.vars'), {
      file: 'dispenser.vars',
      line: 2,
      column: 1,
      message: 'not valid TOML',
    });
    const service = await reader({
      answer: (reply) => ({ ...reply, problems: reply.files[0]?.path === 'kedge.toml' ? [] : problems.slice(0, 1) }),
    }).read(reading(one, { web }));
    assert.deepEqual(service.kind === 'invalid' && service.problems, [
      {
        file: 'web/service.toml',
        line: 3,
        column: 16,
        message: 'variable "tag" is not defined',
        excerpt: 'image = "nginx:${tag}"',
        nearest: 'tags',
      },
    ]);
    assert.ok(!JSON.stringify([main, service]).includes('c4nary'));
  });

  it('rejects what cannot be read, what is there twice, and a service without its file', async () => {
    const { read, asked } = reader();
    assert.match(String(messages(await read({ kind: 'unreadable', file: 'dispenser.toml', reason: 'it is gone' }))), /:1 it is gone$/);
    assert.match(String(messages(await read({ kind: 'ambiguous' }))), /both kedge.toml and dispenser.toml are there/);
    assert.deepEqual(asked, []);
    const without = await read({
      kind: 'read',
      entry: 'kedge.toml',
      text: one,
      variables: '',
      services: { web: { kind: 'unreadable', reason: 'does not exist' } },
    });
    assert.deepEqual(without.kind === 'invalid' && without.problems.map(({ line, column, message }) => [line, column, message]), [
      [2, 8, 'service[0].path: web/service.toml does not exist'],
    ]);
  });

  describe('again', () => {
    const api = web.replace('"web"', '"api"');
    const both = `${one}[[service]]\npath = "api"\n`;

    it('asks only for what changed, and says the same as a first reading would', async () => {
      const { read, asked } = reader();
      await read(reading(both, { web, api }));
      const next = { web, api: api.replace('nginx', 'httpd') };
      const verdict = await read(reading(both, next));
      assert.deepEqual(asked.slice(2), [['api/service.toml']]);
      assert.deepEqual(verdict, await reader().read(reading(both, next)));
      await read(reading(both, next));
      assert.deepEqual(asked.slice(3), [['kedge.toml']]);
    });

    it('asks for no service again when only the main file changed', async () => {
      const { read, asked } = reader();
      const services = { web, api: web.replace('"web"', '"api"') };
      const both = `${one}[[service]]\npath = "api"\n`;
      await read(reading(both, services));
      asked.length = 0;
      const verdict = await read(reading(`delay = 5\n${both}`, services));
      assert.deepEqual([asked, verdict.kind === 'valid' && verdict.configuration.delay], [[['kedge.toml']], 5]);
      assert.deepEqual(image(await read(reading(one, { web }))), ['nginx:1']);
      asked.length = 0;
      assert.deepEqual(image(await read(reading(both, services))), ['nginx:1', 'nginx:1']);
      assert.deepEqual(asked, [['kedge.toml'], ['api/service.toml']]);
    });

    it('judges services together when one changed what others see of it', async () => {
      const { read } = reader();
      await read(reading(both, { web, api }));
      assert.match(String(messages(await read(reading(both, { web, api: web })))), /"web" is the name of two services/);
      assert.equal(messages(await read(reading(both, { web, api }))), 'valid');
      const waiting = `${api}[depends_on]\nwbe = "started"\n`;
      assert.match(String(messages(await read(reading(both, { web, api: waiting })))), /is not the name of a service/);
    });

    it('renders everything again when a variable changed, whatever file was asked for', async () => {
      const { read, asked, variables } = reader();
      await read(reading(both, { web, api }));
      Object.assign(variables, { tag: '2', fingerprint: 'v2' });
      assert.deepEqual(image(await read(reading(both, { web, api: `${api}\n` }))), ['nginx:2', 'nginx:2']);
      assert.deepEqual(asked.slice(2), [['api/service.toml'], ['kedge.toml'], ['web/service.toml', 'api/service.toml']]);
      Object.assign(variables, { tag: '3', fingerprint: 'v3' });
      assert.deepEqual(image(await read(reading(both, { web, api: `${api}\n` }))), ['nginx:3', 'nginx:3']);
    });

    it('says the same as a first reading, whatever changed before', async () => {
      const texts = [
        web,
        api,
        web.replace('nginx', 'Nginx'),
        `${web}[proxy]\nhost = "a"\nservice_port = 80\n`,
        'oops',
        `${api}[depends_on]\nweb = "started"\n`,
      ];
      const main = fc.constantFrom(one, both, `${both}[proxy]\nenabled = false\n`, 'oops');
      const step = fc.record({ main, web: fc.constantFrom(...texts), api: fc.constantFrom(...texts), tag: fc.constantFrom('1', '2') });
      const settled = async (read: ReturnType<typeof reader>['read'], text: string, files: Readonly<Record<string, string>>) => {
        const verdict = await read(reading(text, files));
        if (verdict.kind !== 'look-again') return verdict;
        const wanted = Object.entries(files).filter(([folder]) => verdict.folders.includes(folder));
        return await read(reading(text, Object.fromEntries(wanted)));
      };
      const property = fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const { read, variables } = reader();
        for (const { main: text, web: left, api: right, tag } of steps) {
          Object.assign(variables, { tag, fingerprint: tag });
          const files = { web: left, api: right };
          assert.deepEqual(await settled(read, text, files), await settled(reader({ tag }).read, text, files));
        }
      });
      await fc.assert(property, { numRuns: 60 });
    });
  });

  it('fills env from env files, and tells which it depends on', async () => {
    const { read, asked } = reader();
    const file = web.replace('[disp', 'env_file = "a.env"\n[disp');
    const verdict = await read(reading(one, { web: file }));
    assert.ok(verdict.kind === 'valid');
    assert.deepEqual([verdict.envFiles, verdict.configuration.services[0]?.spec.env], [['web/a.env'], { A: secret }]);
    assert.deepEqual(asked.at(-1), ['web/a.env']);
    const missing = await read(reading(one, { web: file.replace('a.env', 'gone.env') }));
    assert.deepEqual(missing.kind === 'invalid' && missing.envFiles, ['web/gone.env']);
    assert.match(String(messages(missing)), /^web\/service.toml:4 service.env_file: "web\/gone.env" does not exist/);
  });

  it('tells a broken variable file, and not what is only wrong because of it', async () => {
    const problems = [{ path: 'dispenser.vars', offset: 0, message: 'is broken' }];
    const { read } = reader({ tag: 'Not A Tag', answer: (reply) => ({ ...reply, problems }) });
    const plain = web.replace('"web"', '"api"').replace('${tag}', '1').replace('watch = true', 'watch = 1');
    assert.deepEqual(messages(await read(reading(`${one}[[service]]\npath = "api"\n`, { web, api: plain }))), [
      'api/service.toml:5 dispenser.watch: must be true or false, without quotes, not a number',
      'dispenser.vars:1 is broken',
    ]);
  });

  it('tells a place in a file that is no text, and collects warnings', async () => {
    const at = { line: 3, column: 2 };
    const reason = 'is not UTF-8 text from here on; save the file as UTF-8';
    const files = { web: { kind: 'unreadable', reason, at } as const };
    const verdict = await reader().read({ kind: 'read', entry: 'kedge.toml', text: one, variables: '', services: files });
    assert.deepEqual(verdict.kind === 'invalid' && verdict.problems, [{ file: 'web/service.toml', ...at, message: reason }]);
    const main = await reader().read({ kind: 'unreadable', file: 'kedge.toml', reason, at });
    assert.deepEqual(main.kind === 'invalid' && main.problems, [{ file: 'kedge.toml', ...at, message: reason }]);
    const warned = await reader().read(reading(one, { web: web.replace('[disp', 'privileged = true\n[disp') }));
    assert.deepEqual(warned.kind === 'valid' && warned.configuration.warnings.map(({ line, key }) => [line, key]), [
      [4, 'service.privileged'],
    ]);
  });

  it('passes on what is odd about variables, whether or not something is wrong', async () => {
    const warnings = [{ path: 'dispenser.vars', offset: variablesFile.indexOf('secret'), message: 'can never be named' }];
    const { read } = reader({ answer: (reply) => ({ ...reply, warnings }) });
    const told = [{ file: 'dispenser.vars', line: 2, column: 1, message: 'can never be named' }];
    for (const text of [web, web, web.replace('watch = true', 'watch = 1')]) {
      const verdict = await read(reading(one, { web: text }));
      assert.deepEqual(verdict.kind === 'valid' ? verdict.configuration.warnings : verdict.kind === 'invalid' && verdict.warnings, told);
    }
  });

  it('reads only the services that are wanted, and drops what they depend on besides', async () => {
    const text = `${one}[[service]]\npath = "apps/api"\n[[service]]\npath = "db"\n`;
    const api = `${web.replace('"web"', '"api"')}[depends_on]\ndb = "started"\nweb = "started"\n`;
    const { read, asked } = reader({ only: ['apps/api', './web'] });
    assert.deepEqual(await read(reading(text)), { kind: 'look-again', folders: ['web', 'apps/api'] });
    const verdict = await read(reading(text, { web, 'apps/api': api }));
    assert.deepEqual(verdict.kind === 'valid' && verdict.configuration.services.map(({ name, spec }) => [name, spec.depends_on]), [
      ['web', undefined],
      ['api', { web: 'started' }],
    ]);
    assert.deepEqual(asked.at(-1), ['web/service.toml', 'apps/api/service.toml']);
  });

  it('looks for wanted names in all files, and tells one that is nowhere', async () => {
    const text = `${one}[[service]]\npath = "db"\n`;
    const shop = web.replace('"web"', '"shop"');
    const files = { web: shop, db: 'oops' };
    assert.deepEqual(await reader({ only: ['shop'] }).read(reading(text)), { kind: 'look-again', folders: ['web', 'db'] });
    const verdict = await reader({ only: ['shop'] }).read(reading(text, files));
    assert.deepEqual(verdict.kind === 'valid' && verdict.configuration.services.map(({ name }) => name), ['shop']);
    assert.match(
      String(messages(await reader({ only: ['shpo'] }).read(reading(text, files)))),
      /no service has the path or the name "shpo"/,
    );
  });
});
