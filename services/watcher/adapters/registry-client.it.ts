import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Digest, parseImageReference } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import '@kedge/shared/testing'; // sets up containers for tests
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { Credentials, ImageRegistry } from '../ports.ts';
import { type FakeRegistry, imageIndex, imageManifest, mediaTypes, startFakeRegistry } from '../testing/fake-registry.ts';
import { createTestClock, type TestClock } from '../testing/test-clock.ts';
import { createRegistryAccess } from './registry-access.ts';
import { createRegistryClient } from './registry-client.ts';

const { signal } = new AbortController();
const unknown = Digest.parse(`sha256:${'0'.repeat(64)}`);

interface Client {
  readonly registry: ImageRegistry;
  readonly clock: TestClock;
  readonly counts: string[];
  /** What the credential source answers; an error is thrown. */
  who: Credentials | null | Error;
  asked: number;
}

function createClient(platform = 'linux/amd64'): Client {
  const clock = createTestClock();
  const counts: string[] = [];
  const client = { clock, counts, who: null as Client['who'], asked: 0 };
  const credentials = {
    async find() {
      client.asked += 1;
      if (client.who instanceof Error) throw client.who;
      return client.who;
    },
  };
  const access = createRegistryAccess({ credentials, clock });
  const registry = createRegistryClient({ access, clock, insecure: [], platform, count: (_registry, outcome) => counts.push(outcome) });
  return Object.assign(client, { registry });
}

const who = (username = 'user', password = 's3cret') => ({ username, password: new Sealed(password) });
const basic = (username = 'user', password = 's3cret') => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('the registry client and a registry that speaks the protocol', () => {
  let fake: FakeRegistry;
  let client: Client;
  const image = (name = 'team/app:1') => parseImageReference(`${fake.host}/${name}`);
  const digestOf = async (name?: string) => await client.registry.digestOf(image(name), signal);
  const manifestOf = async (digest: string, name?: string) => await client.registry.manifestOf(image(name), Digest.parse(digest), signal);

  before(async () => {
    fake = await startFakeRegistry();
  });
  after(async () => await fake.close());
  beforeEach(() => {
    client = createClient();
    Object.assign(fake, { intercept: null, hidesDigest: false, wants: null });
    fake.requests.length = 0;
  });

  it('asks for the digest with one HEAD that accepts every kind of manifest', async () => {
    const digest = fake.put('team/app', imageManifest('a'), '1');
    assert.deepEqual(await digestOf(), { kind: 'digest', digest });
    assert.deepEqual(
      fake.requests.map(({ method, path }) => `${method} ${path}`),
      ['HEAD /v2/team/app/manifests/1'],
    );
    for (const type of Object.values(mediaTypes)) assert.ok(fake.requests[0]?.accept?.includes(type));
    assert.deepEqual(client.counts, ['found']);
  });

  it('reads "latest" where no tag is named', async () => {
    const digest = fake.put('team/plain', imageManifest('latest'), 'latest');
    assert.deepEqual(await digestOf('team/plain'), { kind: 'digest', digest });
  });

  it('computes the digest itself where HEAD does not tell it, or is not known at all', async () => {
    const digest = fake.put('team/app', imageManifest('b'), '1');
    fake.hidesDigest = true;
    assert.deepEqual(await digestOf(), { kind: 'digest', digest });
    fake.intercept = ({ method }, response) => method === 'HEAD' && Boolean(response.writeHead(405).end());
    assert.deepEqual(await digestOf(), { kind: 'digest', digest });
  });

  it('picks the image of the platform from an index', async () => {
    const amd = fake.put('team/app', imageManifest('amd'));
    const arm = fake.put('team/app', imageManifest('arm'));
    const digest = fake.put('team/app', imageIndex({ 'linux/arm64/v8': arm, 'linux/amd64': amd }), '1');
    assert.deepEqual(await manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: amd,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
    client = createClient('linux/arm64');
    assert.deepEqual(await manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: arm,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
    client = createClient('linux/s390x');
    assert.deepEqual(await manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: null,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
  });

  it('takes a plain manifest as it is', async () => {
    const digest = fake.put('team/app', imageManifest('plain'));
    assert.deepEqual(await manifestOf(digest), { kind: 'manifest', digest, platformDigest: digest, platforms: [] });
  });

  it('follows an index within an index', async () => {
    const amd = fake.put('team/app', imageManifest('deep'));
    const inner = fake.put('team/app', imageIndex({ 'linux/amd64': amd }));
    const digest = fake.put('team/app', {
      mediaType: mediaTypes.index,
      manifests: [{ mediaType: mediaTypes.index, digest: inner, size: 2 }],
    });
    assert.deepEqual(await manifestOf(digest), { kind: 'manifest', digest, platformDigest: amd, platforms: ['linux/amd64'] });
  });

  it('does not follow indexes for ever', async () => {
    let inner = fake.put('team/app', imageManifest('bottom'));
    for (let depth = 0; depth < 9; depth += 1) {
      inner = fake.put('team/app', {
        mediaType: mediaTypes.index,
        manifests: [{ mediaType: mediaTypes.index, digest: inner, size: depth }],
      });
    }
    const answer = await manifestOf(inner);
    assert.equal(answer.kind === 'manifest' && answer.platformDigest, null);
    assert.ok(fake.requests.length <= 5);
  });

  it('knows that an image is not there', async () => {
    assert.deepEqual(await digestOf('team/none:1'), { kind: 'absent' });
    assert.deepEqual(await manifestOf(unknown, 'team/none'), { kind: 'absent' });
    assert.deepEqual(client.counts, ['absent', 'absent']);
  });

  describe('believes nothing that does not add up', () => {
    const bad = (reason: string) => ({
      kind: 'trouble',
      code: 'REGISTRY_BAD_ANSWER',
      message: `${fake.host} answered nonsense: ${reason}`,
    });

    it('a manifest with another digest than it is asked by', async () => {
      const digest = fake.put('team/app', imageManifest('real'));
      fake.intercept = (_request, response) => Boolean(response.writeHead(200).end(JSON.stringify(imageManifest('forged'))));
      assert.deepEqual(await manifestOf(digest), bad('the manifest does not have the digest it is named by'));
      assert.deepEqual(client.counts, ['found', 'registry_bad_answer']);
    });

    it('a digest in the head that is not that of the body', async () => {
      fake.intercept = ({ method }, response) =>
        Boolean(
          response.writeHead(200, method === 'HEAD' ? {} : { 'docker-content-digest': unknown }).end(method === 'HEAD' ? undefined : '{}'),
        );
      assert.deepEqual(await digestOf(), bad('the manifest does not have the digest it is named by'));
    });

    it('something that is no manifest', async () => {
      const digest = fake.put('team/app', { hello: 'world' });
      assert.deepEqual(await manifestOf(digest), bad('that is no manifest'));
    });

    it('an index that names what is not there', async () => {
      const digest = fake.put('team/app', {
        mediaType: mediaTypes.index,
        manifests: [{ mediaType: mediaTypes.index, digest: unknown, size: 1 }],
      });
      assert.deepEqual(await manifestOf(digest), bad('an index names a manifest that is not there'));
    });

    it('a manifest without an end', async () => {
      fake.intercept = (_request, response) => {
        response.writeHead(200);
        response.write(Buffer.alloc(5 * 1024 * 1024));
        return true;
      };
      assert.deepEqual(await manifestOf(unknown), bad('its answer is longer than 4194304 bytes'));
    });

    it('a redirect to another scheme', async () => {
      fake.intercept = (_request, response) => Boolean(response.writeHead(302, { location: 'https://example.com/x' }).end());
      assert.deepEqual(await digestOf(), bad('it redirects to where it must not'));
    });

    it('redirects in a circle', async () => {
      fake.intercept = ({ url = '' }, response) => Boolean(response.writeHead(307, { location: url }).end());
      assert.deepEqual(await digestOf(), bad('it redirects to where it must not'));
    });
  });

  it('follows a redirect, and gives its token to nobody else', async () => {
    const other = await startFakeRegistry();
    try {
      const digest = other.put('team/app', imageManifest('moved'), '1');
      fake.wants = { authorization: basic(), challenge: 'Basic realm="x"' };
      client.who = who();
      fake.intercept = ({ headers, url = '' }, response) =>
        headers.authorization === basic() && Boolean(response.writeHead(307, { location: `http://${other.host}${url}` }).end());
      assert.deepEqual(await digestOf(), { kind: 'digest', digest });
      assert.deepEqual(
        other.requests.map(({ authorization }) => authorization),
        [null],
      );
    } finally {
      await other.close();
    }
  });

  describe('in trouble', () => {
    it('a body that breaks off', async () => {
      fake.intercept = ({ method, socket }, response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('{"schema', () => socket.destroy());
        return method === 'GET';
      };
      const answer = await manifestOf(unknown);
      assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_UNREACHABLE');
    });

    it('nobody listens', async () => {
      const gone = await startFakeRegistry();
      await gone.close();
      assert.deepEqual(await client.registry.digestOf(parseImageReference(`${gone.host}/app:1`), signal), {
        kind: 'trouble',
        code: 'REGISTRY_UNREACHABLE',
        message: `${gone.host} cannot be reached: ECONNREFUSED`,
      });
      assert.deepEqual(client.counts, ['registry_unreachable']);
    });

    it('a failure inside', async () => {
      for (const status of [500, 502, 503]) {
        fake.intercept = (_request, response) => Boolean(response.writeHead(status).end());
        assert.deepEqual(await digestOf(), { kind: 'trouble', code: 'REGISTRY_ERROR', message: `${fake.host} failed (HTTP ${status})` });
      }
    });

    it('asked for a pause, in seconds or until a date', async () => {
      const pause = (status: number, retryAfter: string) => {
        fake.intercept = (_request, response) => Boolean(response.writeHead(status, { 'retry-after': retryAfter }).end());
      };
      const limited = (status: number, retryAfterMs: number) => ({
        kind: 'trouble',
        code: 'REGISTRY_RATE_LIMITED',
        message: `${fake.host} asks for a pause (HTTP ${status})`,
        retryAfterMs,
      });
      assert.equal(client.registry.pausedForMs(fake.host), 0);
      pause(429, '7');
      assert.deepEqual(await digestOf(), limited(429, 7_000));
      client.clock.advance(5_000);
      assert.equal(client.registry.pausedForMs(fake.host), 2_000);
      assert.equal(client.registry.pausedForMs('elsewhere'), 0);
      pause(503, 'Thu, 01 Jan 2026 00:01:05 GMT');
      assert.deepEqual(await digestOf(), limited(503, 60_000));
      assert.equal(client.registry.pausedForMs(fake.host), 60_000);
    });

    it('asked for a pause of no length', async () => {
      fake.intercept = (_request, response) => Boolean(response.writeHead(429).end());
      assert.deepEqual(await digestOf(), {
        kind: 'trouble',
        code: 'REGISTRY_RATE_LIMITED',
        message: `${fake.host} asks for a pause (HTTP 429)`,
      });
      assert.equal(client.registry.pausedForMs(fake.host), 0);
    });

    it('stops at once when it is told to', async () => {
      const stopping = new AbortController();
      fake.intercept = () => {
        stopping.abort(new Error('stopping'));
        return true;
      };
      await assert.rejects(client.registry.digestOf(image(), stopping.signal), { message: 'stopping' });
    });
  });

  describe('where it must say who it is', () => {
    const tokenReply = { token: 't0ken', expires_in: 300 };
    const bearer = (realm: string) => ({
      authorization: 'Bearer t0ken',
      challenge: `Bearer realm="${realm}",service="the registry",scope="repository:team/app:pull"`,
    });
    const realm = () => `http://${fake.host}/token?account=x`;

    /** Lets the registry answer at `/token`; what it is asked there is in `requests`. */
    function serveTokens(status = 200, reply: unknown = tokenReply): void {
      fake.wants = bearer(realm());
      fake.intercept = ({ url = '' }, response) =>
        url.startsWith('/token') && Boolean(response.writeHead(status).end(JSON.stringify(reply)));
    }

    it('gets a token without a name where that is enough, and uses it again until it expires', async () => {
      const digest = fake.put('team/app', imageManifest('private'), '1');
      serveTokens();
      assert.deepEqual(await digestOf(), { kind: 'digest', digest });
      assert.deepEqual(
        fake.requests.map(({ method, path, authorization }) => [method, path, authorization]),
        [
          ['HEAD', '/v2/team/app/manifests/1', null],
          ['GET', '/token?account=x&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull', null],
          ['HEAD', '/v2/team/app/manifests/1', 'Bearer t0ken'],
        ],
      );
      client.clock.advance(289_000);
      await digestOf();
      assert.equal(fake.requests.length, 4);
      client.clock.advance(2_000);
      await digestOf();
      assert.equal(fake.requests.length, 7);
    });

    it('names itself at the token server when it has a name', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      serveTokens(200, { access_token: 't0ken' });
      client.who = who();
      assert.equal((await digestOf()).kind, 'digest');
      assert.equal(fake.requests[1]?.authorization, basic());
    });

    it('trades an identity token', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      serveTokens();
      client.who = who('<token>', 'refresh');
      let form = '';
      const serve = fake.intercept;
      fake.intercept = (request, response) => {
        if (request.method === 'POST') request.setEncoding('utf8').on('data', (text: string) => (form += text));
        return serve?.(request, response) ?? false;
      };
      assert.equal((await digestOf()).kind, 'digest');
      assert.deepEqual(Object.fromEntries(new URLSearchParams(form)), {
        service: 'the registry',
        scope: 'repository:team/app:pull',
        grant_type: 'refresh_token',
        client_id: 'kedge',
        refresh_token: 'refresh',
      });
    });

    it('answers Basic with name and password', async () => {
      const digest = fake.put('team/app', imageManifest('private'), '1');
      fake.wants = { authorization: basic(), challenge: 'Basic realm="Registry"' };
      client.who = who();
      assert.deepEqual(await digestOf(), { kind: 'digest', digest });
      await digestOf();
      assert.deepEqual([fake.requests.length, client.asked], [3, 1]);
    });

    it('gets a new token when the old one is refused early', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      serveTokens();
      await digestOf();
      fake.wants = { ...bearer(realm()), authorization: 'Bearer next' };
      const [, , , ...before] = fake.requests;
      assert.deepEqual(before, []);
      fake.intercept = ({ url = '' }, response) => url.startsWith('/token') && Boolean(response.writeHead(200).end('{"token":"next"}'));
      assert.equal((await digestOf()).kind, 'digest');
    });

    const denied = async () => {
      const answer = await digestOf();
      return answer.kind === 'trouble' && answer.code === 'REGISTRY_DENIED' ? answer.message : JSON.stringify(answer);
    };

    it('is denied without a name, with a wrong one, and in a way that it does not understand', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      fake.wants = { authorization: basic(), challenge: 'Basic realm="Registry"' };
      assert.match(await denied(), /wants a name and a password, and there are none/);
      client.who = who('user', 'wrong');
      assert.match(await denied(), /denies access; .* \(HTTP 401\)/);
      fake.wants = { authorization: 'x', challenge: 'Negotiate' };
      assert.match(await denied(), /in a way that is not understood/);
      serveTokens(403);
      assert.match(await denied(), /gives no token \(HTTP 403\)/);
      fake.intercept = (_request, response) => Boolean(response.writeHead(403).end());
      assert.match(await denied(), /denies access; .* \(HTTP 403\)/);
    });

    it('never asks a private address for a token because a registry elsewhere said so', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      client.who = who();
      for (const address of ['http://10.11.12.13/token', 'http://169.254.169.254/token', 'http://[fd00::1]/token']) {
        fake.wants = bearer(address);
        assert.match(await denied(), /which is not asked: it is private/);
      }
      assert.ok(fake.requests.every(({ authorization }) => authorization === null));
    });

    it('takes no nonsense for a token', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      for (const reply of [{}, { token: 5 }, { token: 'a\r\nb: c' }, 'text']) {
        serveTokens(200, reply);
        const answer = await digestOf();
        assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_BAD_ANSWER', JSON.stringify(reply));
      }
      serveTokens(302);
      const answer = await digestOf();
      assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_ERROR');
      fake.wants = bearer('not an address');
      const nowhere = await digestOf();
      assert.deepEqual(nowhere.kind === 'trouble' && nowhere.code, 'REGISTRY_BAD_ANSWER');
    });

    it('waits when nobody can tell who it is', async () => {
      fake.put('team/app', imageManifest('private'), '1');
      serveTokens();
      client.who = new Error('secrets are away');
      assert.deepEqual(await digestOf(), {
        kind: 'postponed',
        message: `the credentials for ${fake.host} cannot be asked for: secrets are away`,
      });
    });

    it('says nothing that is secret', async () => {
      serveTokens(200, { token: 'c4nary' });
      client.who = who('user', 'c4nary');
      const said = JSON.stringify([await digestOf(), client]);
      assert.ok(!said.includes('c4nary') && !said.includes(basic('user', 'c4nary')), said);
    });
  });
});

describe('the registry client and the registry of Distribution', () => {
  let container: StartedTestContainer;
  let host: string;

  before(async () => {
    container = await new GenericContainer('registry:2')
      .withExposedPorts(5000)
      .withLabels({ 'kedge.test': 'registry' })
      .withWaitStrategy(Wait.forHttp('/v2/', 5000))
      .start();
    host = `127.0.0.1:${container.getMappedPort(5000)}`;
  });
  after(async () => await container?.stop());

  const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  async function pushBlob(repository: string, bytes: Uint8Array): Promise<{ readonly digest: string; readonly size: number }> {
    const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const target = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    target.searchParams.set('digest', sha256(bytes));
    const done = await fetch(target, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from(bytes) });
    assert.equal(done.status, 201);
    return { digest: sha256(bytes), size: bytes.length };
  }

  async function pushManifest(repository: string, reference: string, manifest: { readonly mediaType: string }): Promise<string> {
    const body = JSON.stringify(manifest);
    const done = await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, {
      method: 'PUT',
      headers: { 'content-type': manifest.mediaType },
      body,
    });
    assert.equal(done.status, 201, await done.text());
    return sha256(Buffer.from(body));
  }

  async function pushImage(repository: string, reference: string, content: string, mediaType: string): Promise<string> {
    const config = await pushBlob(repository, Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', content })));
    const layer = await pushBlob(repository, gzipSync(content));
    const docker = mediaType === mediaTypes.dockerManifest;
    return await pushManifest(repository, reference, {
      mediaType,
      ...{ schemaVersion: 2 },
      ...{
        config: {
          mediaType: docker ? 'application/vnd.docker.container.image.v1+json' : 'application/vnd.oci.image.config.v1+json',
          ...config,
        },
      },
      ...{
        layers: [
          {
            mediaType: docker ? 'application/vnd.docker.image.rootfs.diff.tar.gzip' : 'application/vnd.oci.image.layer.v1.tar+gzip',
            ...layer,
          },
        ],
      },
    });
  }

  for (const [kind, manifestType, listType] of [
    ['OCI', mediaTypes.manifest, mediaTypes.index],
    ['Docker', mediaTypes.dockerManifest, mediaTypes.dockerList],
  ] as const) {
    it(`reads ${kind} manifests and indexes, and sees a tag move`, async () => {
      const { registry } = createClient();
      const repository = `team/${kind.toLowerCase()}`;
      const image = parseImageReference(`${host}/${repository}:1`);
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'absent' });

      const first = await pushImage(repository, '1', 'one', manifestType);
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'digest', digest: first });
      assert.deepEqual(await registry.manifestOf(image, Digest.parse(first), signal), {
        kind: 'manifest',
        digest: first,
        platformDigest: first,
        platforms: [],
      });

      const second = await pushImage(repository, '2', 'two', manifestType);
      const manifests = [
        { mediaType: manifestType, digest: first, size: 1, platform: { os: 'linux', architecture: 'arm64' } },
        { mediaType: manifestType, digest: second, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
      ];
      const index = await pushManifest(repository, '1', { mediaType: listType, ...{ schemaVersion: 2, manifests } });
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'digest', digest: index });
      const read = await registry.manifestOf(image, Digest.parse(index), signal);
      assert.equal(read.kind === 'manifest' && read.platformDigest, second);
    });
  }
});
