import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { askSealed, type Bus, sealFor } from '@kedge/shared/bus';
import { MaskReply, RegistryReply, RenderReply, ResolveReply, type SealedBox } from '@kedge/shared/contracts';
import { type ComponentProcess, startComponentProcess, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createCurve } from '@nats-io/nkeys';
import { type FakeGoogle, startFakeGoogle } from './testing/fake-google.ts';

const canary = 'c4nary-value-that-must-stay-here';
const registryPassword = 'c4nary-of-the-registry';
const service = { path: 'web/service.toml', text: '[env]\nTOKEN = "x-${token}"\n' };

describe('the secrets component on the bus', () => {
  let root: string;
  let testBus: TestBus;
  let component: ComponentProcess;
  let watcher: Bus;
  let reconciler: Bus;
  let hooks: Bus;
  let google: FakeGoogle;
  let recipient: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-secrets-'));
    await mkdir(join(root, 'config', 'web'), { recursive: true });
    await mkdir(join(root, 'docker'));
    await mkdir(join(root, 'bin'));
    await writeVariables(canary);
    await writeFile(join(root, 'config', service.path), service.text);
    await writeFile(
      join(root, 'docker', 'config.json'),
      JSON.stringify({
        auths: { 'localhost:5000': { auth: Buffer.from(`user:${registryPassword}`).toString('base64') } },
        credHelpers: { 'r.example.com': 'test' },
      }),
    );
    const helper = join(root, 'bin', 'docker-credential-test');
    await writeFile(helper, `#!/bin/sh\nread server\nprintf '{"Username":"%s","Secret":"${registryPassword}"}' "$server"\n`);
    await chmod(helper, 0o755);

    google = await startFakeGoogle();
    testBus = await startTestBus();
    [watcher, reconciler, hooks] = await Promise.all([testBus.connect('watcher'), testBus.connect('reconciler'), testBus.connect('hooks')]);
    recipient = (await readFile(join(testBus.keysFolder('watcher'), 'secrets.pub'), 'utf8')).trim();
    component = await start();
  });
  after(async () => {
    await component?.stop('SIGTERM');
    await testBus?.close();
    await google?.close();
    await rm(root, { recursive: true, force: true });
  });

  async function start(): Promise<ComponentProcess> {
    return await startComponentProcess({
      main: new URL('main.ts', import.meta.url),
      environment: {
        PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}`,
        KEDGE_BUS_URL: testBus.url,
        KEDGE_KEYS: testBus.keysFolder('secrets'),
        KEDGE_CONFIG_DIR: join(root, 'config'),
        KEDGE_STATE_DIR: join(root, 'state'),
        KEDGE_DOCKER_CONFIG: join(root, 'docker'),
        KEDGE_GOOGLE_ENDPOINT: google.endpoint,
        KEDGE_SECRET_REFRESH: '1ms',
        // The account of the machine, as the library of Google finds it.
        METADATA_SERVER_DETECTION: 'assume-present',
        GCE_METADATA_HOST: new URL(google.endpoint).host,
        GOOGLE_APPLICATION_CREDENTIALS: '',
        HOME: root,
      },
    });
  }
  const writeVariables = async (token: string) => await writeFile(join(root, 'config', 'dispenser.vars'), `token = "${token}"\n`);
  const render = async () =>
    await askSealed(watcher, { subject: 'config.render', question: { files: [service] }, answer: RenderReply, recipient });
  const declared = async () => (await render()).files.flatMap(({ tainted }) => tainted.map(({ secret }) => secret));
  const resolve = async (secrets: readonly unknown[]) =>
    await askSealed(reconciler, { subject: 'secrets.resolve', question: { secrets }, answer: ResolveReply, recipient });

  it('renders for the watcher', async () => {
    const { files, problems } = await render();
    assert.deepEqual(problems, []);
    assert.equal(files[0]?.text, `[env]\nTOKEN = "x-${canary}"`);
    assert.deepEqual(
      files[0]?.tainted.map(({ secret }) => secret.ref),
      ['web/service.toml#/env/TOKEN'],
    );
  });

  it('tells the names in an env file, and its values to the reconciler alone', async () => {
    await writeFile(join(root, 'config', 'web', 'some.env'), `A=${canary}\n`);
    const question = { files: [], envFiles: ['web/some.env', 'web/none.env'] };
    const { envFiles } = await askSealed(watcher, { subject: 'config.render', question, answer: RenderReply, recipient });
    assert.deepEqual(
      envFiles?.map(({ path, variables }) => [path, variables?.map(({ name }) => name)]),
      [
        ['web/some.env', ['A']],
        ['web/none.env', undefined],
      ],
    );
    assert.ok(!JSON.stringify(envFiles).includes(canary));
    const secrets = envFiles?.flatMap(({ variables }) => variables ?? []).map(({ secret }) => secret) ?? [];
    assert.deepEqual((await resolve(secrets)).values, { 'web/some.env#/A': canary });
  });

  it('resolves for the reconciler what the watcher was told, also after a restart, and refuses once the value changed', async () => {
    const secrets = await declared();
    assert.deepEqual((await resolve(secrets)).values, { 'web/service.toml#/env/TOKEN': `x-${canary}` });

    assert.equal(await component.stop('SIGTERM'), 0);
    component = await start();
    assert.deepEqual(await declared(), secrets);

    await writeVariables(`${canary}-2`);
    await assert.rejects(resolve(secrets), { name: 'RetryableError', code: 'SECRET_CHANGED' });
    assert.deepEqual((await resolve(await declared())).values, { 'web/service.toml#/env/TOKEN': `x-${canary}-2` });
    await writeVariables(canary);
  });

  it('rolls nothing when its key is lost: old fingerprints still resolve', async () => {
    const secrets = await declared();
    await component.stop('SIGKILL');
    await rm(join(root, 'state'), { recursive: true });
    component = await start();
    assert.notDeepEqual(await declared(), secrets);
    assert.deepEqual((await resolve(secrets)).values, { 'web/service.toml#/env/TOKEN': `x-${canary}` });
  });

  it('tells the reconciler, and nobody else, which values to mask in what containers print', async () => {
    const ask = async (bus: Bus) =>
      await askSealed(bus, { subject: 'secrets.mask', question: {}, answer: MaskReply, recipient, timeoutMs: 2_000 });
    assert.deepEqual(await ask(reconciler), { values: [canary] });
    await writeFile(join(root, 'config', 'kedge.toml'), '[[service]]\npath = "web"\n');
    await writeFile(join(root, 'config', 'web', 'app.env'), `OTHER=${canary}-of-a-file\n`);
    await writeFile(join(root, 'config', service.path), `[service]\nenv_file = "app.env"\n${service.text}`);
    assert.deepEqual(await ask(reconciler), { values: [canary, `${canary}-of-a-file`] });
    await writeFile(join(root, 'config', service.path), service.text);
    assert.deepEqual(new Set((await ask(reconciler)).values), new Set([canary, `${canary}-of-a-file`]), 'what ran with it may print it');
    await assert.rejects(ask(watcher), { code: 'REQUEST_UNANSWERED' });
  });

  it('hands out registry logins, from the file, from a helper, or none', async () => {
    const ask = async (registry: string) =>
      await askSealed(watcher, { subject: 'secrets.registry', question: { registry }, answer: RegistryReply, recipient });
    assert.deepEqual(await ask('localhost:5000'), { credentials: { username: 'user', password: registryPassword } });
    assert.deepEqual(await ask('r.example.com'), { credentials: { username: 'r.example.com', password: registryPassword } });
    assert.deepEqual(await ask('other.example.com'), { credentials: null });
  });

  it('answers nobody else: hooks may not ask, and the reconciler may not have templates rendered', async () => {
    const question = { files: [service] };
    for (const bus of [hooks, reconciler]) {
      await assert.rejects(
        askSealed(bus, { subject: 'config.render', question, answer: RenderReply, recipient, timeoutMs: 2_000 }),
        (thrown: Error) => {
          assert.ok('code' in thrown && ['BUS_REFUSED', 'REQUEST_UNANSWERED'].includes(String(thrown.code)), String(thrown));
          return true;
        },
      );
    }
    await assert.rejects(
      askSealed(hooks, { subject: 'secrets.resolve', question: { secrets: [] }, answer: ResolveReply, recipient, timeoutMs: 2_000 }),
    );
  });

  it('refuses a box that was sealed to another key', async () => {
    const oneTime = createCurve();
    const stranger = createCurve().getPublicKey();
    await assert.rejects(
      watcher.request('config.render', { ...sealFor({ recipient: stranger, sender: oneTime, value: { files: [] } }), recipient }),
      {
        code: 'SEAL_BROKEN',
      },
    );
  });

  it('puts no value on the bus in the clear, in whatever form', async () => {
    const oneTime = createCurve();
    const reply = await watcher.request('config.render', sealFor({ recipient, sender: oneTime, value: { files: [service] } }));
    const opened = oneTime.open(Buffer.from(reply.box, 'base64'), reply.sender);
    assert.ok(opened);
    assert.ok(Buffer.from(opened).includes(canary), 'the answer itself holds the value');
    assert.deepEqual(formsFound(reply), []);
    assert.deepEqual(formsFound({ ...reply, box: Buffer.from(canary).toString('base64') }), ['base64'], 'the search finds what is there');
  });

  it('asks Google for what lies there, resolves it, and notices another value of it', async () => {
    const version = 'projects/1/secrets/TOKEN/versions/latest';
    await writeFile(join(root, 'config', 'dispenser.vars'), 'token = { source = "google", name = "projects/1/secrets/TOKEN" }\n');
    assert.match(
      (await render()).problems[0]?.message ?? '',
      /variable "token": the version of the secret that is named here does not exist/,
    );

    google.values.set(version, canary);
    const { problems, files, variables } = await render();
    assert.deepEqual([problems, files[0]?.tainted[0]?.origin], [[], 'secret-source']);
    const secrets = await declared();
    assert.deepEqual((await resolve(secrets)).values, { 'web/service.toml#/env/TOKEN': `x-${canary}` });
    const mask = await askSealed(reconciler, { subject: 'secrets.mask', question: {}, answer: MaskReply, recipient });
    assert.ok(mask.values.includes(canary));

    google.faults.set(version, { status: 503 });
    assert.deepEqual((await render()).variables, variables, 'the last value holds while Google is down');
    google.faults.clear();
    google.values.set(version, `${canary}-2`);
    await waitUntil(async () => (await render()).variables !== variables, { timeoutMs: 15_000 });
    await assert.rejects(resolve(secrets), { code: 'SECRET_CHANGED' });
    await writeVariables(canary);
  });

  it('counts its answers and logs no value', async () => {
    await writeFile(join(root, 'config', 'bad.dispenser.vars'), `x = "${canary}" ${canary}\ny = "\${token|${canary}}"`);
    const { problems } = await render();
    await rm(join(root, 'config', 'bad.dispenser.vars'));
    assert.ok(problems.length > 0);
    assert.ok(!JSON.stringify(problems).includes('c4nary'));

    const { body: metrics } = await component.get('/metrics');
    assert.match(metrics, /kedge_secret_requests_total\{[^}]*subject="config.render",outcome="rendered"[^}]*\} [1-9]/);
    assert.match(metrics, /kedge_secret_requests_total\{[^}]*subject="config.render",outcome="problems"[^}]*\} [1-9]/);
    assert.match(component.output(), /request answered/, 'the log was recorded');
    assert.ok(!component.output().includes('c4nary'));
    assert.ok(!metrics.includes('c4nary'));
  });
});

/** The forms in which the canary stands in a message: plain, inside base64, base64 in base64, gzip. */
function formsFound(box: SealedBox): string[] {
  const text = JSON.stringify(box);
  const decoded = Buffer.from(box.box, 'base64');
  const forms = {
    plain: text.includes(canary),
    base64: decoded.includes(canary),
    encoded: decoded.includes(Buffer.from(canary).toString('base64').replace(/=+$/, '')),
    gzip: decoded.includes(gzipSync(canary).subarray(10, 20)),
  };
  return Object.entries(forms).flatMap(([form, found]) => (found ? [form] : []));
}
