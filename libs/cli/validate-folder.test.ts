import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { validateFolder } from './validate-folder.ts';

describe('validateFolder', () => {
  const made: string[] = [];
  let folder = '';
  const write = async (path: string, text: string) => await writeFile(join(folder, path), text);
  const validate = async () => await validateFolder({ folder, proxyPort: 80, httpsPort: 443 });
  const service = '[service]\nname = "web"\nimage = "hello:1"\n[dispenser]\nwatch = true\n';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-folder-'));
    made.push(folder);
    await mkdir(join(folder, 'web'));
    await write('kedge.toml', '[[service]]\npath = "web"\n');
    await write('web/service.toml', service);
  });
  after(async () => await Promise.all(made.map(async (each) => await rm(each, { recursive: true }))));

  it('answers as the stack would, with no revision in force', async () => {
    const { reply, configuration } = await validate();
    assert.deepEqual(reply, {
      ok: true,
      problems: [],
      warnings: [],
      notChecked: [],
      services: ['web'],
      entry: 'kedge.toml',
      revision: null,
    });
    assert.equal(configuration?.services[0]?.spec.service.image, 'hello:1');
  });

  it('puts variables in', async () => {
    await write('dispenser.vars', 'image = "hello:2"\n');
    await write('web/service.toml', service.replace('hello:1', '${image}'));
    assert.equal((await validate()).configuration?.services[0]?.spec.service.image, 'hello:2');
  });

  it('tells the problems of all files', async () => {
    await write('kedge.toml', 'dealy = 1\n[[service]]\npath = "web"\n[[service]]\npath = "db"\n');
    await write('web/service.toml', service.replace('image', 'imgae'));
    const { reply, configuration } = await validate();
    assert.equal(configuration, null);
    assert.equal(reply.ok, false);
    const places = reply.problems.map(({ file, line }) => `${file}:${line}`);
    for (const place of ['kedge.toml:1', 'kedge.toml:5', 'web/service.toml:3'])
      assert.ok(places.includes(place), `${place} of ${places.join(' ')}`);
  });

  it('tells what is dangerous', async () => {
    await write('web/service.toml', service.replace('[dispenser]', 'privileged = true\n[dispenser]'));
    const { reply } = await validate();
    assert.deepEqual([reply.ok, reply.warnings?.map(({ line }) => line)], [true, [4]]);
  });

  it('tells what is wrong, what is dangerous and what nobody could check beside each other', async () => {
    await write('dispenser.vars', 'token = { source = "google", name = "projects/p/secrets/T" }\n');
    await write(
      'web/service.toml',
      `${service}[env]\nTOKEN = "\${token}"\n`.replace('[dispenser]', 'privileged = true\ncpus = "many"\n[dispenser]'),
    );
    const { problems, warnings = [], notChecked = [] } = (await validate()).reply;
    assert.match(problems.map(({ message }) => message).join('\n'), /cpus/);
    assert.deepEqual([warnings.length, notChecked.length], [1, 1]);
  });

  it('cuts no list, however long', async () => {
    const unknown = Array.from({ length: 250 }, (_, index) => `unknown${index} = 1\n`).join('');
    await write('kedge.toml', `${unknown}[[service]]\npath = "web"\n`);
    assert.equal((await validate()).reply.problems.length, 250);
  });

  it('asks no secret source, and lists once what only one could tell, with its place', async () => {
    await write('dispenser.vars', 'token = { source = "google", name = "projects/p/secrets/T" }\n');
    await write('web/service.toml', `${service}[env]\nTOKEN = "\${token}"\n`);
    const { reply } = await validate();
    assert.deepEqual([reply.ok, reply.problems], [true, []]);
    const [first, ...others] = reply.notChecked ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual([first?.file, first?.line, first?.excerpt], ['web/service.toml', 7, 'TOKEN = "${token}"']);
    assert.match(first?.message ?? '', /"token" lies in a secret source/);
  });

  it('reads the env files that services name', async () => {
    await write('web/service.toml', service.replace('[dispenser]', 'env_file = "app.env"\n[dispenser]'));
    assert.equal((await validate()).reply.ok, false);
    await write('web/app.env', 'TOKEN=abcd\n');
    const { reply, configuration } = await validate();
    assert.deepEqual(reply.problems, []);
    assert.ok(!JSON.stringify(configuration).includes('abcd'));
  });

  it('knows the port of the proxy', async () => {
    await write('web/service.toml', `${service}[[port]]\nhost = 80\ncontainer = 80\n`);
    assert.match((await validate()).reply.problems[0]?.message ?? '', /port 80 of the host is the proxy's/);
    await write('web/service.toml', `${service}[[port]]\nhost = 443\ncontainer = 80\n`);
    assert.match((await validate()).reply.problems[0]?.message ?? '', /port 443 of the host is the proxy's, for HTTPS/);
  });
});
