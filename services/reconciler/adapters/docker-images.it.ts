import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Digest } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import Docker from 'dockerode';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { ContainerEngine } from '../ports.ts';
import { createDockerEngine } from './docker-engine.ts';
import { type LocalServer, startLocalServer } from './testing/local-server.ts';
import { pushImage } from './testing/registry-image.ts';

process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

const run = randomBytes(4).toString('hex');
const absent = Digest.parse(`sha256:${'0'.repeat(64)}`);

async function serve(t: TestContext, listener: RequestListener): Promise<LocalServer> {
  const server = await startLocalServer(listener);
  t.after(() => server.close());
  return server;
}

describe('images of a real engine and a real registry', () => {
  let registry: StartedTestContainer;
  let host: string;
  let platform: { readonly os: string; readonly architecture: string };
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const engine: ContainerEngine = createDockerEngine({ log: silentLog() });

  before(async () => {
    registry = await new GenericContainer('registry:2')
      .withExposedPorts({ container: 5000, host: 0 })
      .withLabels({ 'kedge.test': run })
      .withWaitStrategy(Wait.forHttp('/v2/', 5000))
      .start();
    host = `127.0.0.1:${registry.getMappedPort(5000)}`;
    const [os = '', architecture = ''] = (await engine.info()).platform.split('/');
    platform = { os, architecture };
  });
  after(async () => {
    await registry.stop();
    const images = await docker.listImages();
    const ours = images.filter(({ RepoTags, RepoDigests }) =>
      [...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) => name.startsWith(host)),
    );
    for (const { Id } of ours) await docker.getImage(Id).remove({ force: true });
  });

  const push = (repository: string, content: string) => pushImage({ registry: `http://${host}`, repository, tag: '1', content, platform });
  const pull = (reference: string, digest: Digest) => engine.pull({ reference, digest, credentials: null });

  it('pulls by digest, tags as declared and tells what the image offers', async () => {
    const reference = `${host}/app:1`;
    const pushed = await push('app', 'one');
    assert.equal(await engine.image(reference), null);
    const percents: number[] = [];
    const image = await engine.pull({
      reference,
      digest: pushed.digest,
      credentials: null,
      onProgress: (percent) => percents.push(percent),
    });
    assert.deepEqual(image, {
      id: pushed.imageId,
      repoDigests: [`${host}/app@${pushed.digest}`],
      exposed: [80, 8080],
      hasHealthcheck: true,
    });
    assert.deepEqual(await engine.image(reference), image);
    assert.deepEqual(await engine.image(image.id), image);
    assert.deepEqual(await engine.image(`${host}/app@${pushed.digest}`), image);
    assert.equal(percents.at(-1), 100);
    assert.deepEqual(
      percents,
      percents.toSorted((one, other) => one - other),
    );
  });

  it('knows an image of Docker Hub by its short and its full name', async () => {
    const image = await engine.image('node:26-trixie-slim');
    assert.ok(image);
    assert.deepEqual(await engine.image('docker.io/library/node:26-trixie-slim'), image);
  });

  it('moves the declared tag forth and back and keeps both images', async () => {
    const reference = `${host}/moving:1`;
    const first = await push('moving', 'first');
    const second = await push('moving', 'second');
    await pull(reference, first.digest);
    await docker.getImage(first.imageId).tag({ repo: `${host}/moving`, tag: 'mine' });
    await pull(reference, second.digest);
    assert.equal((await engine.image(reference))?.id, second.imageId);
    await pull(reference, first.digest);
    assert.equal((await engine.image(reference))?.id, first.imageId);
    assert.equal((await engine.image(`${host}/moving:mine`))?.id, first.imageId, 'no other tag moved');
    assert.ok(await engine.image(second.imageId));
  });

  it('does not ask the registry again for an image that is present', async (t) => {
    const { digest, imageId } = await push('present', 'here');
    const asked: string[] = [];
    const between = await serve(t, (request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(307, { location: `http://${host}${request.url}` }).end();
    });
    const reference = `${between.host}/present:1`;
    await pull(reference, digest);
    const atFirst = asked.length;
    assert.ok(atFirst > 0);
    // The engine forgets the digest together with the last tag of a repository.
    await docker.getImage(imageId).tag({ repo: `${between.host}/present`, tag: 'other' });
    await docker.getImage(reference).remove();
    assert.equal((await pull(reference, digest)).id, imageId);
    assert.equal((await engine.image(reference))?.id, imageId, 'tagged again');
    assert.equal(asked.length, atFirst);
    await docker.getImage(imageId).remove({ force: true });
  });

  it('tags nothing when the reference itself is pinned', async () => {
    const { digest, imageId } = await push('pinned', 'pinned');
    await pull(`${host}/pinned:1@${digest}`, digest);
    assert.equal(await engine.image(`${host}/pinned:1`), null);
    assert.deepEqual((await docker.getImage(imageId).inspect()).RepoTags, []);
  });

  it('tells a missing image from a registry that does not answer', async () => {
    await assert.rejects(pull(`${host}/nothing:1`, absent), { name: 'RetryableError', code: 'REGISTRY_NOT_FOUND' });
    const gone = await startLocalServer(() => undefined);
    await gone.close();
    await assert.rejects(pull(`${gone.host}/app:1`, absent), { name: 'RetryableError', code: 'REGISTRY_UNREACHABLE' });
  });

  it('shows the credentials to the registry alone', async (t) => {
    const seen: (string | undefined)[] = [];
    const guarded = await serve(t, (request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="guarded"' }).end();
      else
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    });
    const reference = `${guarded.host}/app:1`;
    await assert.rejects(pull(reference, absent), { name: 'RetryableError', code: 'REGISTRY_DENIED' });
    assert.deepEqual(new Set(seen), new Set([undefined]));

    const credentials = { username: 'me', password: new Sealed('hunter2') };
    await assert.rejects(engine.pull({ reference, digest: absent, credentials }), (thrown: Error) => {
      assert.equal('code' in thrown && thrown.code, 'REGISTRY_NOT_FOUND');
      assert.doesNotMatch(JSON.stringify(thrown) + String(thrown.stack), /hunter2/);
      return true;
    });
    assert.ok(seen.includes(`Basic ${Buffer.from('me:hunter2').toString('base64')}`));
  });

  for (const { status, code } of [
    { status: 403, code: 'REGISTRY_DENIED' },
    { status: 429, code: 'REGISTRY_RATE_LIMITED' },
    { status: 500, code: 'REGISTRY_ERROR' },
  ]) {
    it(`calls a registry that answers ${status} ${code}`, async (t) => {
      const failing = await serve(t, (request, response) => {
        if (request.url === '/v2/') response.writeHead(200).end('{}');
        else response.writeHead(status).end();
      });
      await assert.rejects(pull(`${failing.host}/app:1`, absent), { name: 'RetryableError', code });
    });
  }
});
