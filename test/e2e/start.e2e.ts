import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { send } from './harness/load.ts';
import { makeOwnCopy, type OwnCopy } from './harness/own-copy.ts';

describe('a newcomer', () => {
  let copy: OwnCopy;
  /** What `npm start` printed. */
  let said: string;

  before(async () => {
    copy = await makeOwnCopy();
  });
  after(async () => await copy.close());

  const withSettings = async (command: string, ...args: readonly string[]) => await copy.run(command, args, { env: copy.settings });
  const get = async (host = 'localhost') => await send({ port: copy.httpPort, host, method: 'GET', path: '/', agent: false });
  const namesOf = async (filter: string) =>
    (await copy.run('docker', ['ps', '-a', '--filter', filter, '--format', '{{.Names}}'])).stdout.trim();
  const partsOfStack = async () => await namesOf(`label=com.docker.compose.project=${copy.project}`);
  const workloads = async () => await namesOf(`label=kedge.node=${copy.settings.KEDGE_NODE}`);

  /** The commands that a text tells to try, which is what stands in its lines before two spaces. */
  const commandsIn = (text: string) => text.split('\n').flatMap((line) => /^ {2}(\S+(?: \S+)*) {2,}\S/.exec(line)?.[1] ?? []);

  it('says npm start and sees it work line by line, then the status, the address and what to try', async () => {
    said = (await withSettings('npm', 'start')).stdout;
    assert.match(said, /^==> component images \.\.\. \d+ s$[\s\S]*^==> stack \.\.\. \d+ s$[\s\S]*^==> first answer \.\.\. \d+ s$/m);
    assert.match(said, new RegExp(`^${copy.project} +serving `, 'm'));
    assert.match(said, new RegExp(`^Open http://localhost:${copy.httpPort}/ `, 'm'));
    assert.deepEqual(commandsIn(said.slice(said.indexOf('Then try:'))), [
      'scripts/demo/push.sh v2',
      'scripts/demo/push.sh bad',
      './kedge events',
    ]);
    assert.match((await get()).body, /^hello from v1 in /);
  });

  /** Asks all the time until the test is over; resolves to what went wrong. */
  function keepAsking(test: TestContext): () => Promise<readonly string[]> {
    const failures: string[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        const { status: code, body } = await get();
        if (code !== 200 || !/^hello from v[12] in /.test(body)) failures.push(`${code} ${body.slice(0, 100)}`);
      }
    })().catch((thrown: unknown) => failures.push(String(thrown)));
    const stop = async () => {
      isOver = true;
      await asking;
      return failures;
    };
    test.after(stop);
    return stop;
  }

  it('tries the three commands: v2 serves without one failed request, the bad one never does, and every decision is told', async (test) => {
    const [pushGood = '', pushBad = '', events = ''] = commandsIn(said.slice(said.indexOf('Then try:')));
    const following = spawn(events, {
      cwd: copy.folder,
      env: { ...copy.bare, ...copy.settings },
      shell: '/bin/bash',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    test.after(() => following.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => following.on('close', resolve));
    let told = '';
    following.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    const stopAsking = keepAsking(test);

    await withSettings('bash', '-c', pushGood);
    await waitUntil(async () => /^hello from v2 /.test((await get()).body), { timeoutMs: 60_000, what: 'v2 serves' });
    await waitUntil(() => new RegExp(`deploy\\.succeeded +${copy.project}`).test(told), { timeoutMs: 60_000, what: 'the events say so' });

    await withSettings('bash', '-c', pushBad);
    await waitUntil(() => new RegExp(`deploy\\.failed +${copy.project}`).test(told), {
      timeoutMs: 60_000,
      what: 'the events say that it failed',
    });
    const why = /the older release serves; the newest release is barred: the container (?:ended with code 1|crashed)/;
    await waitUntil(async () => why.test((await withSettings('./kedge', 'status')).stdout), {
      timeoutMs: 20_000,
      what: 'the status says why',
    });
    assert.match((await withSettings('./kedge', 'status', copy.project)).stdout, /DATABASE_URL is not set/);
    assert.match((await get()).body, /^hello from v2 /);
    assert.deepEqual(await stopAsking(), []);

    following.kill('SIGINT');
    assert.equal(await ended, 130, 'Ctrl-C ends it');
  });

  it('says npm stop: the stack is gone, what it deployed runs on, and what is left goes by the commands that it says', async () => {
    const { stdout } = await withSettings('npm', 'stop');
    assert.equal(await partsOfStack(), '');
    assert.equal(await workloads(), copy.project);
    assert.match(stdout, new RegExp(`^  workloads +${copy.project} \\(`, 'm'));
    assert.match(stdout, new RegExp(`^  networks +${copy.settings.KEDGE_NETWORK}$`, 'm'));

    const commands = stdout.matchAll(/^ {2}(\w+) .*\n +remove: (.+)$/gm);
    const removal = new Map(Array.from(commands, ([, what = '', command = '']) => [what, command]));
    assert.deepEqual([...removal.keys()], ['workloads', 'networks', 'volumes', 'images']);
    // Not the images: others run on the base images.
    for (const what of ['workloads', 'networks', 'volumes']) await withSettings('bash', '-c', removal.get(what) ?? '');
    const left = async (kind: string, filter: string) => (await copy.run('docker', [kind, 'ls', '-q', '--filter', filter])).stdout.trim();
    assert.equal(await workloads(), '');
    assert.equal(await left('network', `name=^${copy.settings.KEDGE_NETWORK}$`), '');
    assert.equal(await left('volume', `label=com.docker.compose.project=${copy.project}`), '');
  });

  it('says docker compose up with nothing in the environment, and the starter runs what is put into it', async () => {
    const lines = Object.entries(copy.settings).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(copy.folder, '.env'), lines.join(''));
    await copy.run('docker', ['compose', 'up', '-d', '--wait']);
    assert.match((await copy.run('./kedge', ['validate'])).stdout, /^kedge\.toml is fine: no service\.$/m);
    assert.equal((await get('example.localhost')).status, 404);

    // What the comments of the starter say: uncomment [[service]], and put an image of one's own.
    const image = `localhost:${copy.registryPort}/hello:own`;
    await copy.run('docker', ['build', '-q', '--build-arg', 'VERSION=v1', '-t', image, 'demo/app']);
    const example = join(copy.folder, 'deploy/example/service.toml');
    const text = await readFile(example, 'utf8');
    const own = text
      .replace('name = "example"', `name = "${copy.project}"`)
      .replace(/^image = "[^"]+"/m, `image = "${image}"`)
      .replace('service_port = 80', 'service_port = 8080');
    await writeFile(example, own);
    const main = join(copy.folder, 'deploy/kedge.toml');
    await writeFile(main, (await readFile(main, 'utf8')).replace('# [[service]]\n# path', '[[service]]\npath'));
    await waitUntil(async () => /^hello from v1 /.test((await get('example.localhost')).body), {
      timeoutMs: 60_000,
      what: 'the example answers',
    });
  });

  it('serves the same on an engine whose bridges the host cannot reach', async () => {
    const files = ['-f', 'docker-compose.yml', '-f', 'compose.bridge.yaml'];
    const standing = async () =>
      (await copy.run('docker', ['container', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', copy.project])).stdout;
    // A release answers a moment before its container has the name of the service.
    await waitUntil(async () => (await workloads()).split('\n').includes(copy.project), {
      timeoutMs: 30_000,
      what: 'the name of the service',
    });
    const before = await standing();
    await copy.run('docker', ['compose', ...files, 'up', '-d', '--wait']);
    const { stdout } = await copy.run('docker', ['compose', ...files, 'ps', '-q']);
    const modes = await copy.run('docker', ['inspect', '--format', '{{.HostConfig.NetworkMode}}', ...stdout.trim().split('\n')]);
    assert.doesNotMatch(modes.stdout, /host/, 'nobody is on the network of the host');
    await waitUntil(async () => /^hello from v1 /.test((await get('example.localhost')).body), {
      timeoutMs: 60_000,
      what: 'the example answers',
    });
    assert.equal(await standing(), before, 'it was taken over as it is');
  });
});
