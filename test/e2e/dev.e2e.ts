import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import { waitUntil } from '@kedge/shared/testing';
import { z } from 'zod';
import { root } from '../architecture/sources.ts';
import { skipOrFail } from '../chaos/harness/skip-or-fail.ts';
import { declare, undeclare } from './harness/configuration.ts';
import { getByHttps } from './harness/get-by-https.ts';
import { push, reference } from './harness/images.ts';
import { send } from './harness/load.ts';
import { serviceText } from './harness/service-text.ts';
import { run } from './harness/shell.ts';
import { kedge, type StackFacts, theStack } from './harness/stack.ts';

const web = 'dev-web';
const api = 'dev-api';
const database = 'dev-db';
const prefix = join(tmpdir(), 'kedge-dev-story-');
const ofProject = 'label=com.docker.compose.project=kedge-dev';
const Started = z.object({ ok: z.literal(true), outcome: z.literal('done'), proxyPort: z.number(), httpsPort: z.number() });

describe('kedge dev beside a running stack', () => {
  let facts: StackFacts;
  let folder = '';
  let volumesBefore: readonly string[];

  before(async () => {
    facts = theStack();
    folder = await mkdtemp(prefix);
    volumesBefore = await listed('volume', 'ls', '-q', '--filter', ofProject);
    // A clone with its packages, whose .kedge nobody else has.
    await cp(join(root, 'kedge'), join(folder, 'kedge'));
    for (const each of ['scripts', 'libs', 'node_modules', 'docker-compose.yml']) await symlink(join(root, each), join(folder, each));
    await push(facts, { repository: web, version: 'v1' });
    await writeServices();
  });
  after(async () => {
    await undeclare(facts, [web]);
    await rm(folder, { recursive: true });
  });

  /** Two services, of which the one waits for the other; of the other there is no image. */
  async function writeServices(): Promise<void> {
    const waits = ['[depends_on]', `${database} = "started"`];
    const services = {
      [api]: serviceText({ name: api, image: reference(facts, web), host: 'api.example', more: waits }),
      [database]: serviceText({ name: database, image: reference(facts, 'of-nobody') }),
    };
    const main = Object.keys(services).map((name) => `[[service]]\npath = "${name}"\n`);
    await mkdir(join(folder, 'deploy'));
    await writeFile(join(folder, 'deploy/kedge.toml'), main.join(''));
    for (const [name, text] of Object.entries(services)) {
      await mkdir(join(folder, 'deploy', name));
      await writeFile(join(folder, 'deploy', name, 'service.toml'), text);
    }
  }

  const listed = async (...args: readonly string[]) => (await run('docker', args)).stdout.split('\n').filter((line) => line !== '');
  /** As somebody types it who has this folder, and a stack with the settings of the stories. */
  const ourKedge = async (...words: readonly string[]) => {
    const { COMPOSE_PROJECT_NAME: _name, COMPOSE_PROFILES: _profiles, KEDGE_CONFIG: _config, ...settings } = facts.environment;
    return await run(join(folder, 'kedge'), words, { cwd: folder, env: settings });
  };
  const get = async (port: number, host: string) => await send({ port, host, method: 'GET', path: '/', agent: false });
  const partsOfUsual = async () => await listed('ps', '-q', '--no-trunc', '--filter', `label=com.docker.compose.project=${facts.project}`);
  const standing = async () =>
    await listed('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', web, ...(await partsOfUsual()).toSorted());

  /** What runs of it, and the networks that it made. */
  const leftOfDev = async () => {
    const filters = [ofProject, 'label=kedge.node=dev'];
    const each = filters.flatMap((filter) => [
      listed('ps', '-a', '--format', '{{.Names}}', '--filter', filter),
      listed('network', 'ls', '--format', '{{.Name}}', '--filter', filter),
    ]);
    return (await Promise.all([...each, listed('network', 'ls', '--format', '{{.Name}}', '--filter', 'name=^kedge-dev$')])).flat();
  };

  /** One of this name is all that a machine may have; null when there is room. */
  async function whoseDev(): Promise<string | null> {
    const folders = await listed('ps', '-a', '--filter', ofProject, '--format', '{{.Label "com.docker.compose.project.working_dir"}}');
    return folders.find((each) => !each.startsWith(prefix)) ?? null;
  }

  function keepAsking(test: TestContext): () => Promise<readonly string[]> {
    const failures: string[] = [];
    const stopping = new AbortController();
    const asking = (async () => {
      while (!stopping.signal.aborted) {
        const { status, body } = await get(facts.httpPort, 'dev-web.example');
        if (status !== 200 || body !== 'v1') failures.push(`${status} ${body.slice(0, 100)}`);
        await timer(20);
      }
    })().catch((thrown: unknown) => failures.push(String(thrown)));
    const stop = async () => {
      stopping.abort();
      await asking;
      return failures;
    };
    test.after(stop);
    return stop;
  }

  it('runs one of two services while the usual stack serves on untouched, and leaves nothing', async (test) => {
    const other = await whoseDev();
    if (other !== null) {
      skipOrFail(test, `the dev stack of ${other} is on this machine`);
      return;
    }
    test.after(async () => {
      if ((await leftOfDev()).length > 0) await ourKedge('dev', '--down');
      const made = (await listed('volume', 'ls', '-q', '--filter', ofProject)).filter((name) => !volumesBefore.includes(name));
      if (made.length > 0) await run('docker', ['volume', 'rm', ...made]);
    });
    await declare(facts, { [web]: serviceText({ name: web, image: reference(facts, web), host: 'dev-web.example' }) });
    await waitUntil(
      async () =>
        (await get(facts.httpPort, 'dev-web.example')).status === 200 &&
        (await listed('ps', '-q', '--filter', `name=^${web}$`)).length === 1,
      { timeoutMs: 60_000, what: 'the usual stack serves from the container that keeps the name' },
    );
    const untouched = await standing();
    const stopAsking = keepAsking(test);

    const { proxyPort, httpsPort } = Started.parse(JSON.parse((await ourKedge('dev', '-s', api, '--json')).stdout));
    assert.notEqual(proxyPort, facts.httpPort);
    assert.equal((await get(proxyPort, 'api.example')).status, 301);
    const { body, certificate } = await getByHttps(httpsPort, 'api.example');
    assert.equal(body, 'v1');
    assert.deepEqual(
      [certificate.subject.CN, certificate.issuer.CN, certificate.subjectaltname],
      ['api.example', 'api.example', 'DNS:api.example'],
    );
    assert.deepEqual(await listed('ps', '-a', '--filter', 'label=kedge.node=dev', '--format', '{{.Names}}'), [api]);
    assert.equal((await get(facts.httpPort, 'api.example')).status, 404, 'the usual proxy does not know it');
    assert.doesNotMatch(await kedge(facts, ['status']), new RegExp(`${api}|${database}`));
    assert.match((await ourKedge('--dev', 'status')).stdout, new RegExp(`^${api} +serving `, 'm'));

    assert.match((await ourKedge('dev', '--down')).stdout, /The stack of "kedge dev" is gone/);
    assert.deepEqual(await leftOfDev(), []);
    assert.deepEqual((await readdir(join(folder, '.kedge/dev'))).toSorted(), ['.kedge']);
    assert.deepEqual(await stopAsking(), []);
    assert.deepEqual(await standing(), untouched);
  });
});
