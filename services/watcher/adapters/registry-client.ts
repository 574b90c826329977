import { createHash } from 'node:crypto';
import { Digest, type ImageParts } from '@kedge/shared/contracts';
import { choosePlatform, Manifest } from '../core/images/platform.ts';
import type { Absent, ManifestAnswer, Postponed, TagAnswer, Trouble } from '../core/images/registry-answer.ts';
import type { ImageRegistry, ManifestQuestion } from '../ports.ts';
import type { HttpAnswer } from './bounded-fetch.ts';
import type { RegistryExchange } from './registry-exchange.ts';

/** Manifests read for one look: an index, and a few that it names. */
const mostManifests = 5;

interface ClientPorts {
  readonly exchange: RegistryExchange;
  /** Such as `linux/amd64`. */
  readonly platform: string;
}

/** Reads digests and manifests, and believes only what adds up. */
export function createRegistryClient({ exchange, platform }: ClientPorts): ImageRegistry {
  async function digestOf(image: ImageParts, signal: AbortSignal): Promise<TagAnswer> {
    const question = { image, reference: image.tag ?? 'latest', signal };
    const quick = await exchange.head(question);
    if (quick.kind !== 'found' && quick.kind !== 'no-head') return quick;
    const named = quick.kind === 'found' ? namedDigest(quick.answer) : null;
    if (named) return { kind: 'digest', digest: named };

    const read = await exchange.get(question);
    if (read.kind !== 'found') return read;
    const digest = sha256(read.answer.body);
    const claimed = namedDigest(read.answer);
    if (claimed && claimed !== digest) return mismatch(image);
    return { kind: 'digest', digest };
  }

  async function manifestOf({ image, digest, signal }: ManifestQuestion): Promise<ManifestAnswer> {
    const platforms = new Set<string>();
    const waiting = [digest];
    for (let reads = 0; reads < mostManifests; reads += 1) {
      const next = waiting.shift();
      if (next === undefined) break;
      const read = await readManifest({ image, digest: next, signal });
      if (read.kind === 'absent' && next !== digest) return exchange.bad(image, 'an index names a manifest that is not there');
      if (read.kind !== 'manifest') return read;
      if (!read.manifest.manifests) return { kind: 'manifest', digest, platformDigest: next, platforms: [...platforms] };
      const choice = choosePlatform(read.manifest.manifests, platform);
      for (const name of choice.platforms) platforms.add(name);
      const [chosen] = choice.images;
      if (chosen !== undefined) {
        const parsed = Digest.safeParse(chosen);
        return parsed.success
          ? { kind: 'manifest', digest, platformDigest: parsed.data, platforms: [...platforms] }
          : exchange.bad(image, 'an index names no digest');
      }
      waiting.push(...choice.nested.flatMap((nested) => Digest.safeParse(nested).data ?? []));
    }
    return { kind: 'manifest', digest, platformDigest: null, platforms: [...platforms] };
  }

  async function readManifest({ image, digest, signal }: ManifestQuestion): Promise<OneManifest | Absent | Trouble | Postponed> {
    const read = await exchange.get({ image, reference: digest, signal });
    if (read.kind !== 'found') return read;
    if (sha256(read.answer.body) !== digest) return mismatch(image);
    const parsed = Manifest.safeParse(parseJson(read.answer.body));
    if (!parsed.success || (!parsed.data.manifests && !parsed.data.config)) return exchange.bad(image, 'that is no manifest');
    return { kind: 'manifest', manifest: parsed.data };
  }

  function mismatch(image: ImageParts): Trouble {
    return exchange.bad(image, 'the manifest does not have the digest it is named by');
  }

  return { digestOf, manifestOf, pauseFor: exchange.pauseFor, pausedForMs: exchange.pausedForMs };
}

interface OneManifest {
  readonly kind: 'manifest';
  readonly manifest: Manifest;
}

function namedDigest({ headers }: HttpAnswer): Digest | null {
  return Digest.safeParse(headers.get('docker-content-digest')).data ?? null;
}

function sha256(body: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(body).digest('hex')}` as Digest;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null; // not JSON is a result
  }
}
