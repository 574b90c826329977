import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Digest, parseImageReference } from '@kedge/shared/contracts';
import '@kedge/shared/testing'; // sets up containers for tests
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { imageIndex, imageManifest, mediaTypes } from '../testing/fake-registry.ts';
import { createTestClient, setUpRegistry, unknownDigest } from '../testing/registry-rig.ts';

describe('the registry client and a registry that speaks the protocol', () => {
  const rig = setUpRegistry();

  it('asks for the digest with one HEAD that accepts every kind of manifest', async () => {
    const digest = rig.fake.put('team/app', imageManifest('a'), '1');
    assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
    assert.deepEqual(
      rig.fake.requests.map(({ method, path }) => `${method} ${path}`),
      ['HEAD /v2/team/app/manifests/1'],
    );
    for (const type of Object.values(mediaTypes)) assert.ok(rig.fake.requests[0]?.accept?.includes(type));
    assert.deepEqual(rig.client.counts, ['found']);
  });

  it('reads "latest" where no tag is named', async () => {
    const digest = rig.fake.put('team/plain', imageManifest('latest'), 'latest');
    assert.deepEqual(await rig.digestOf('team/plain'), { kind: 'digest', digest });
  });

  it('computes the digest itself where HEAD does not tell it, or is not known at all', async () => {
    const digest = rig.fake.put('team/app', imageManifest('b'), '1');
    rig.fake.hidesDigest = true;
    assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
    rig.fake.intercept = ({ method }, response) => method === 'HEAD' && Boolean(response.writeHead(405).end());
    assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
  });

  it('picks the image of the platform from an index', async () => {
    const amd = rig.fake.put('team/app', imageManifest('amd'));
    const arm = rig.fake.put('team/app', imageManifest('arm'));
    const digest = rig.fake.put('team/app', imageIndex({ 'linux/arm64/v8': arm, 'linux/amd64': amd }), '1');
    assert.deepEqual(await rig.manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: amd,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
    rig.client = createTestClient('linux/arm64');
    assert.deepEqual(await rig.manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: arm,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
    rig.client = createTestClient('linux/s390x');
    assert.deepEqual(await rig.manifestOf(digest), {
      kind: 'manifest',
      digest,
      platformDigest: null,
      platforms: ['linux/arm64/v8', 'linux/amd64'],
    });
  });

  it('takes a plain manifest as it is', async () => {
    const digest = rig.fake.put('team/app', imageManifest('plain'));
    assert.deepEqual(await rig.manifestOf(digest), { kind: 'manifest', digest, platformDigest: digest, platforms: [] });
  });

  it('follows an index within an index', async () => {
    const amd = rig.fake.put('team/app', imageManifest('deep'));
    const inner = rig.fake.put('team/app', imageIndex({ 'linux/amd64': amd }));
    const digest = rig.fake.put('team/app', {
      mediaType: mediaTypes.index,
      manifests: [{ mediaType: mediaTypes.index, digest: inner, size: 2 }],
    });
    assert.deepEqual(await rig.manifestOf(digest), { kind: 'manifest', digest, platformDigest: amd, platforms: ['linux/amd64'] });
  });

  it('does not follow indexes for ever', async () => {
    let inner = rig.fake.put('team/app', imageManifest('bottom'));
    for (let depth = 0; depth < 9; depth += 1) {
      inner = rig.fake.put('team/app', {
        mediaType: mediaTypes.index,
        manifests: [{ mediaType: mediaTypes.index, digest: inner, size: depth }],
      });
    }
    const answer = await rig.manifestOf(inner);
    assert.equal(answer.kind === 'manifest' && answer.platformDigest, null);
    assert.ok(rig.fake.requests.length <= 5);
  });

  it('knows that an image is not there', async () => {
    assert.deepEqual(await rig.digestOf('team/none:1'), { kind: 'absent' });
    assert.deepEqual(await rig.manifestOf(unknownDigest, 'team/none'), { kind: 'absent' });
    assert.deepEqual(rig.client.counts, ['absent', 'absent']);
  });

  describe('believes nothing that does not add up', () => {
    const bad = (reason: string) => ({
      kind: 'trouble',
      code: 'REGISTRY_BAD_ANSWER',
      message: `${rig.fake.host} answered nonsense: ${reason}`,
    });

    it('a manifest with another digest than it is asked by', async () => {
      const digest = rig.fake.put('team/app', imageManifest('real'));
      rig.fake.intercept = (_request, response) => Boolean(response.writeHead(200).end(JSON.stringify(imageManifest('forged'))));
      assert.deepEqual(await rig.manifestOf(digest), bad('the manifest does not have the digest it is named by'));
      assert.deepEqual(rig.client.counts, ['found', 'bad-answer']);
    });

    it('a digest in the head that is not that of the body', async () => {
      rig.fake.intercept = ({ method }, response) =>
        Boolean(
          response
            .writeHead(200, method === 'HEAD' ? {} : { 'docker-content-digest': unknownDigest })
            .end(method === 'HEAD' ? undefined : '{}'),
        );
      assert.deepEqual(await rig.digestOf(), bad('the manifest does not have the digest it is named by'));
    });

    it('something that is no manifest', async () => {
      const digest = rig.fake.put('team/app', { hello: 'world' });
      assert.deepEqual(await rig.manifestOf(digest), bad('that is no manifest'));
    });

    it('an index that names what is not there', async () => {
      const digest = rig.fake.put('team/app', {
        mediaType: mediaTypes.index,
        manifests: [{ mediaType: mediaTypes.index, digest: unknownDigest, size: 1 }],
      });
      assert.deepEqual(await rig.manifestOf(digest), bad('an index names a manifest that is not there'));
    });
  });
});

describe('the registry client and the registry of Distribution', () => {
  const { signal } = new AbortController();
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

  interface Push {
    readonly repository: string;
    readonly tag: string;
  }

  async function pushManifest({ repository, tag }: Push, manifest: { readonly mediaType: string }): Promise<string> {
    const body = JSON.stringify(manifest);
    const done = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
      method: 'PUT',
      headers: { 'content-type': manifest.mediaType },
      body,
    });
    assert.equal(done.status, 201, await done.text());
    return sha256(Buffer.from(body));
  }

  async function pushImage(push: Push, { content, mediaType }: { readonly content: string; readonly mediaType: string }): Promise<string> {
    const { repository } = push;
    const config = await pushBlob(repository, Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', content })));
    const layer = await pushBlob(repository, gzipSync(content));
    const docker = mediaType === mediaTypes.dockerManifest;
    return await pushManifest(push, {
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
      const { registry } = createTestClient();
      const repository = `team/${kind.toLowerCase()}`;
      const image = parseImageReference(`${host}/${repository}:1`);
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'absent' });

      const first = await pushImage({ repository, tag: '1' }, { content: 'one', mediaType: manifestType });
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'digest', digest: first });
      assert.deepEqual(await registry.manifestOf({ image, digest: Digest.parse(first), signal }), {
        kind: 'manifest',
        digest: first,
        platformDigest: first,
        platforms: [],
      });

      const second = await pushImage({ repository, tag: '2' }, { content: 'two', mediaType: manifestType });
      const manifests = [
        { mediaType: manifestType, digest: first, size: 1, platform: { os: 'linux', architecture: 'arm64' } },
        { mediaType: manifestType, digest: second, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
      ];
      const index = await pushManifest({ repository, tag: '1' }, { mediaType: listType, ...{ schemaVersion: 2, manifests } });
      assert.deepEqual(await registry.digestOf(image, signal), { kind: 'digest', digest: index });
      const read = await registry.manifestOf({ image, digest: Digest.parse(index), signal });
      assert.equal(read.kind === 'manifest' && read.platformDigest, second);
    });
  }
});
