import { createHash } from 'node:crypto';
import { Digest, type ImageParts } from '@kedge/shared/contracts';
import { choosePlatform, indexTypes, Manifest, manifestTypes } from '../core/images/platform.ts';
import { maySendUsTo, registryUrl } from '../core/images/registry-address.ts';
import type { Absent, ManifestAnswer, Postponed, TagAnswer, Trouble, TroubleCode } from '../core/images/registry-answer.ts';
import { pauseAskedBy } from '../core/images/retry-after.ts';
import type { Clock, ImageRegistry } from '../ports.ts';
import { addressesOf } from './addresses-of.ts';
import { badAnswer, boundedFetch, type HttpAnswer } from './bounded-fetch.ts';
import type { RegistryAccess } from './registry-access.ts';

const largestManifestBytes = 4 * 1024 * 1024;
/** Manifests read for one look: an index, and a few that it names. */
const mostManifests = 5;
const accept = [...indexTypes, ...manifestTypes].join(', ');

/** What came of a question, as a label of the metric. */
export type RegistryOutcome = 'found' | 'absent' | 'challenged' | (typeof outcomes)[TroubleCode];

const outcomes = {
  REGISTRY_UNREACHABLE: 'unreachable',
  REGISTRY_DENIED: 'denied',
  REGISTRY_RATE_LIMITED: 'rate-limited',
  REGISTRY_ERROR: 'error',
  REGISTRY_BAD_ANSWER: 'bad-answer',
} as const satisfies Record<TroubleCode, string>;

interface ClientPorts {
  readonly access: RegistryAccess;
  readonly clock: Clock;
  /** Hosts (with port, if any) that speak plain HTTP, besides this machine. */
  readonly insecure: readonly string[];
  /** Such as `linux/amd64`. */
  readonly platform: string;
  readonly count: (registry: string, outcome: RegistryOutcome) => void;
}

type Read = { readonly kind: 'found'; readonly answer: HttpAnswer } | Absent | Trouble | Postponed;
/** Some registries know no HEAD. */
type HeadRead = Read | { readonly kind: 'no-head' };

/** A client of the OCI Distribution API, as far as looking at manifests needs it. */
export function createRegistryClient({ access, clock, insecure, platform, count }: ClientPorts): ImageRegistry {
  const pausedUntilMs = new Map<string, number>();

  /** Asks for a manifest, once more with a token when the registry wants to know who we are. */
  async function request(
    image: ImageParts,
    method: 'HEAD' | 'GET',
    reference: string,
    signal: AbortSignal,
  ): Promise<HttpAnswer | Trouble | Postponed> {
    const registry = registryUrl(image.registry, insecure);
    const url = new URL(`/v2/${image.repository}/manifests/${reference}`, registry);
    const ask = async (authorization: string | null) =>
      await boundedFetch({
        url,
        method,
        headers: { accept, ...(authorization === null ? {} : { authorization }) },
        largestBytes: largestManifestBytes,
        mayFollow: async (target) => await mayFollow(target, registry),
        signal,
      });

    let answer = await ask(access.known(image));
    if (answer.kind === 'http' && answer.status === 401) {
      count(image.registry, 'challenged');
      access.drop(image);
      const obtained = await access.obtain({ image, registry, challenge: answer.headers.get('www-authenticate'), signal });
      if (obtained.kind !== 'header') return obtained;
      answer = await ask(obtained.value);
      if (answer.kind === 'http' && (answer.status === 401 || answer.status === 403)) access.refused(image);
    }
    return answer;
  }

  async function get(image: ImageParts, reference: string, signal: AbortSignal): Promise<Read> {
    const answer = await request(image, 'GET', reference, signal);
    return noted(image, answer.kind === 'http' ? judgeStatus(image, answer) : answer);
  }

  async function head(image: ImageParts, reference: string, signal: AbortSignal): Promise<HeadRead> {
    const answer = await request(image, 'HEAD', reference, signal);
    if (answer.kind === 'http' && (answer.status === 405 || answer.status === 501)) return { kind: 'no-head' };
    return noted(image, answer.kind === 'http' ? judgeStatus(image, answer) : answer);
  }

  function judgeStatus({ registry }: ImageParts, answer: HttpAnswer): Read {
    const { status } = answer;
    const trouble = (code: TroubleCode, said: string): Trouble => ({
      kind: 'trouble',
      code,
      message: `${registry} ${said} (HTTP ${status})`,
    });
    if (status === 200) return { kind: 'found', answer };
    if (status === 404) return { kind: 'absent' };
    if (status === 401 || status === 403)
      return trouble('REGISTRY_DENIED', 'denies access; check the name of the image and the credentials');
    const pause = pauseAskedBy(answer, clock.now());
    return pause ? { ...pause, message: `${registry} asks for a pause (HTTP ${status})` } : trouble('REGISTRY_ERROR', 'failed');
  }

  /** Counts what came of a question. A pause holds for the registry, whether it asked for it or its token realm did. */
  function noted<Answer extends Read>({ registry }: ImageParts, answer: Answer): Answer {
    if (answer.kind === 'found' || answer.kind === 'absent') count(registry, answer.kind);
    if (answer.kind !== 'trouble') return answer;
    count(registry, outcomes[answer.code]);
    if (answer.retryAfterMs !== undefined) pausedUntilMs.set(registry, clock.monotonicMs() + answer.retryAfterMs);
    return answer;
  }

  async function digestOf(image: ImageParts, signal: AbortSignal): Promise<TagAnswer> {
    const tag = image.tag ?? 'latest';
    const quick = await head(image, tag, signal);
    if (quick.kind !== 'found' && quick.kind !== 'no-head') return quick;
    const named = quick.kind === 'found' ? namedDigest(quick.answer) : null;
    if (named) return { kind: 'digest', digest: named };

    const read = await get(image, tag, signal);
    if (read.kind !== 'found') return read;
    const digest = sha256(read.answer.body);
    const claimed = namedDigest(read.answer);
    if (claimed && claimed !== digest) return mismatch(image);
    return { kind: 'digest', digest };
  }

  async function manifestOf(image: ImageParts, digest: Digest, signal: AbortSignal): Promise<ManifestAnswer> {
    const platforms = new Set<string>();
    const waiting = [digest];
    for (let reads = 0; reads < mostManifests; reads += 1) {
      const next = waiting.shift();
      if (next === undefined) break;
      const read = await readManifest(image, next, signal);
      if (read.kind === 'absent' && next !== digest) return bad(image, 'an index names a manifest that is not there');
      if (read.kind !== 'manifest') return read;
      if (!read.manifest.manifests) return { kind: 'manifest', digest, platformDigest: next, platforms: [...platforms] };
      const choice = choosePlatform(read.manifest.manifests, platform);
      for (const name of choice.platforms) platforms.add(name);
      const [chosen] = choice.images;
      if (chosen !== undefined) {
        const parsed = Digest.safeParse(chosen);
        return parsed.success
          ? { kind: 'manifest', digest, platformDigest: parsed.data, platforms: [...platforms] }
          : bad(image, 'an index names no digest');
      }
      waiting.push(...choice.nested.flatMap((nested) => Digest.safeParse(nested).data ?? []));
    }
    return { kind: 'manifest', digest, platformDigest: null, platforms: [...platforms] };
  }

  async function readManifest(image: ImageParts, digest: Digest, signal: AbortSignal) {
    const read = await get(image, digest, signal);
    if (read.kind !== 'found') return read;
    if (sha256(read.answer.body) !== digest) return mismatch(image);
    const parsed = Manifest.safeParse(parseJson(read.answer.body));
    if (!parsed.success || (!parsed.data.manifests && !parsed.data.config)) return bad(image, 'that is no manifest');
    return { kind: 'manifest', manifest: parsed.data } as const;
  }

  /** Counted here as well: the exchange went well, what came in it did not. */
  function bad(image: ImageParts, reason: string): Trouble {
    return noted(image, badAnswer(registryUrl(image.registry, insecure), reason));
  }

  function mismatch(image: ImageParts): Trouble {
    return bad(image, 'the manifest does not have the digest it is named by');
  }

  return {
    digestOf,
    manifestOf,
    pauseFor(registry, ms) {
      pausedUntilMs.set(registry, Math.max(pausedUntilMs.get(registry) ?? 0, clock.monotonicMs() + ms));
    },
    pausedForMs: (registry) => Math.max(0, (pausedUntilMs.get(registry) ?? 0) - clock.monotonicMs()),
  };
}

/** As with the place for a token: a registry on the internet must not make us ask machines of our own network. */
async function mayFollow(target: URL, registry: URL): Promise<boolean> {
  const [targetAddresses, registryAddresses] = await Promise.all([addressesOf(target), addressesOf(registry)]);
  return maySendUsTo({ target, registry, targetAddresses, registryAddresses });
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
