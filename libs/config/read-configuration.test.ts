import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RenderReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { FolderReading } from './folder/folder-reading.ts';
import { createReadConfiguration } from './read-configuration.ts';
import { renderPlain } from './testing/plain-secrets.ts';

const variablesFile = '# first\nsecret = c4nary\n';
const web = '[service]\nname = "web"\nimage = "nginx:${tag}"\n[dispenser]\nwatch = true\n';

/** A reader over a renderer that answers as told, and counts how often it is asked. */
function reader({ tag = '1', answer = (reply: RenderReply): RenderReply => reply } = {}) {
  const asked: string[][] = [];
  const read = createReadConfiguration({
    folder: {
      path: '/config',
      name: './deploy',
      look: async () => ({ kind: 'ambiguous' }),
      variablesText: async (path) => (path === 'dispenser.vars' ? variablesFile : null),
    },
    renderer: {
      async render(files) {
        asked.push(files.map(({ path }) => path));
        const rendered = files.map(({ path, text }) => ({ path, ...renderPlain(text, { tag }), tainted: [] }));
        return answer({ variables: 'v1', files: rendered, problems: [] });
      },
    },
    proxyPort: 80,
  });
  return { read, asked };
}

const reading = (text: string, services: Readonly<Record<string, string>> = {}): FolderReading => ({
  kind: 'read',
  entry: 'kedge.toml',
  text,
  services: Object.fromEntries(Object.entries(services).map(([folder, each]) => [folder, { kind: 'text', text: each }])),
  variables: '',
});
const one = '[[service]]\npath = "web"\n';

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
    const missing = await read({ kind: 'unreadable', file: 'dispenser.toml', reason: 'it is gone' });
    assert.deepEqual(missing, {
      kind: 'invalid',
      reason: 'unreadable',
      entry: 'dispenser.toml',
      problems: [{ file: 'dispenser.toml', line: 1, column: 1, message: 'it is gone' }],
    });
    const twice = await read({ kind: 'ambiguous' });
    assert.match(twice.kind === 'invalid' ? (twice.problems[0]?.message ?? '') : '', /both kedge.toml and dispenser.toml are there/);
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
});
