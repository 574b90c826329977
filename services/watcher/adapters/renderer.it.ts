import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createReadConfiguration, type Renderer } from '@kedge/config';
import { createConfigurationFolder, createTemplateFolder } from '@kedge/config/folder';
import { createRenderConfiguration, createRenderOffline, fingerprintKey } from '@kedge/config/template';
import { serveSealed } from '@kedge/shared/bus';
import { type RenderReply, RenderRequest } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { createRenderer } from './renderer.ts';

const names = ['app', 'web'];
const key = fingerprintKey(new Uint8Array(32));

describe('rendering by the secrets component', () => {
  let path: string;
  let testBus: TestBus;
  let renderer: Renderer;
  let answer: (asked: RenderRequest) => Promise<RenderReply>;

  before(async () => {
    path = await mkdtemp(join(tmpdir(), 'kedge-renderer-'));
    await writeFile(join(path, 'kedge.toml'), names.map((name) => `[[service]]\npath = "${name}"\n`).join(''));
    await writeFile(join(path, 'dispenser.vars'), 'tag = "1"\n"a-b" = "x"\n');
    for (const name of names) {
      await mkdir(join(path, name));
      const text = `[service]\nname = "${name}"\nimage = "nginx:\${tag}"\n[dispenser]\nwatch = true\n`;
      await writeFile(join(path, name, 'service.toml'), text);
    }
    testBus = await startTestBus();
    const seed = new TextEncoder().encode((await readFile(join(testBus.keysFolder('secrets'), 'curve.seed'), 'utf8')).trim());
    serveSealed(await testBus.connect('secrets'), {
      subject: 'config.render',
      seed,
      question: RenderRequest,
      answer: async (asked) => await answer(asked),
    });
    const recipient = (await readFile(join(testBus.keysFolder('watcher'), 'secrets.pub'), 'utf8')).trim();
    renderer = createRenderer(await testBus.connect('watcher'), recipient);
  });
  after(async () => {
    await testBus?.close();
    await rm(path, { recursive: true });
  });

  async function read(by: Renderer) {
    const folder = createConfigurationFolder({ path });
    const verdict = await createReadConfiguration({ folder, renderer: by, proxyPort: null })(await folder.look(names));
    assert.ok(verdict.kind === 'valid', JSON.stringify(verdict));
    return verdict.configuration;
  }

  it('tells the same warnings as rendering without a stack', async () => {
    const folder = createTemplateFolder(path);
    answer = createRenderConfiguration({ folder, key });
    const offline = createRenderOffline({ folder, key });
    const stack = await read(renderer);
    assert.deepEqual(
      stack.warnings.map(({ file, line, column }) => [file, line, column]),
      [['dispenser.vars', 2, 1]],
    );
    assert.deepEqual(stack, await read({ render: async (files) => await offline({ files: [...files] }) }));
  });

  it('passes warnings on from every part of a question, and says nothing of them when there are none', async () => {
    const files = names.map((name) => ({ path: name, text: 'x'.repeat(150_000) }));
    const warning = (file: string) => ({ path: file, offset: 0, message: 'odd' });
    const answered = (some: RenderRequest['files']) => some.map((file) => ({ path: file.path, text: '', map: [], tainted: [] }));
    answer = async (asked) => ({
      variables: 'v',
      files: answered(asked.files),
      problems: [],
      warnings: asked.files.map((file) => warning(file.path)),
    });
    assert.deepEqual((await renderer.render(files)).warnings, names.map(warning));
    answer = async (asked) => ({ variables: 'v', files: answered(asked.files), problems: [] });
    assert.ok(!('warnings' in (await renderer.render(files))));
  });

  it('takes a file whose problem is told for answered, and asks again only for the others', async () => {
    const asked: string[][] = [];
    const problem = { path: 'app', offset: 0, message: 'wrong' };
    answer = async (question) => {
      const paths = question.envFiles ?? question.files.map((file) => file.path);
      asked.push([...paths]);
      const hasProblem = paths.includes('app');
      return {
        variables: 'v',
        files: hasProblem ? [] : question.files.map((file) => ({ path: file.path, text: '', map: [], tainted: [] })),
        ...(question.envFiles && { envFiles: hasProblem ? [] : question.envFiles.map((each) => ({ path: each, variables: [] })) }),
        problems: hasProblem ? [problem] : [],
      };
    };
    const reply = await renderer.render(
      names.map((name) => ({ path: name, text: '' })),
      ['app', 'env'],
    );
    assert.deepEqual(asked, [['app', 'web'], ['web'], ['app', 'env'], ['env']]);
    assert.deepEqual([reply.files.map((file) => file.path), reply.envFiles?.map((file) => file.path)], [['web'], ['env']]);
    assert.deepEqual(reply.problems, [problem, problem]);
  });
});
