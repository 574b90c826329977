import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Digest } from '@kedge/shared/contracts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

interface ImageToPush {
  /** `http://127.0.0.1:5000` */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** Differs, so does the image. */
  readonly content: string;
  /** Wraps the manifest into an index for this platform, as builders of several platforms do. */
  readonly platform: { readonly os: string; readonly architecture: string };
}

/** Pushes an image of one file as a client of the OCI Distribution API; resolves to the digests of its index and of its configuration. */
export async function pushImage({
  registry,
  repository,
  tag,
  content,
  platform,
}: ImageToPush): Promise<{ readonly digest: Digest; readonly imageId: Digest }> {
  const archive = tarOf('content', content);
  const layer = gzipSync(archive);
  const config = Buffer.from(
    JSON.stringify({
      ...platform,
      config: { ExposedPorts: { '8080/tcp': {}, '53/udp': {}, '80/tcp': {} }, Healthcheck: { Test: ['CMD', 'true'] } },
      rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
    }),
  );
  for (const blob of [layer, config]) await pushBlob(`${registry}/v2/${repository}`, blob);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(layer), size: layer.length }],
    }),
  );
  await pushManifest(`${registry}/v2/${repository}/manifests/${digestOf(manifest)}`, manifestType, manifest);
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [{ mediaType: manifestType, digest: digestOf(manifest), size: manifest.length, platform }],
    }),
  );
  await pushManifest(`${registry}/v2/${repository}/manifests/${tag}`, indexType, index);
  return { digest: digestOf(index), imageId: digestOf(config) };
}

function digestOf(bytes: Uint8Array): Digest {
  return Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

async function pushBlob(base: string, blob: Buffer): Promise<void> {
  const opened = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(opened.headers.get('location') ?? '', base);
  location.searchParams.set('digest', digestOf(blob));
  await expectCreated(
    await fetch(location, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(blob) }),
  );
}

async function pushManifest(url: string, type: string, manifest: Buffer): Promise<void> {
  await expectCreated(await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body: new Uint8Array(manifest) }));
}

async function expectCreated(answer: Response): Promise<void> {
  if (answer.status !== 201) throw new Error(`the registry answered ${answer.status}: ${await answer.text()}`);
}

/** A tar archive (POSIX ustar) of one file. */
function tarOf(name: string, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return Buffer.concat([header, body, padding, Buffer.alloc(1024)]);
}
