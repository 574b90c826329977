import type { ImageParts } from '@kedge/shared/contracts';
import { indexTypes, manifestTypes } from '../core/images/platform.ts';
import { maySendUsTo, registryAddress } from '../core/images/registry-address.ts';
import type { Absent, Postponed, Trouble, TroubleCode } from '../core/images/registry-answer.ts';
import { pauseAskedBy } from '../core/images/retry-after.ts';
import type { Clock, ImageRegistry } from '../ports.ts';
import { addressesOf } from './addresses-of.ts';
import { badAnswer, boundedFetch, type HttpAnswer } from './bounded-fetch.ts';
import type { RegistryAccess } from './registry-access.ts';
import { createRegistrySchemes } from './registry-schemes.ts';

const largestManifestBytes = 4 * 1024 * 1024;
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

interface ExchangePorts {
  readonly access: RegistryAccess;
  readonly clock: Clock;
  /** Hosts (with port, if any) that may speak plain HTTP, besides this machine. */
  readonly insecure: readonly string[];
  readonly count: (registry: string, outcome: RegistryOutcome) => void;
}

/** Which manifest is asked for. */
interface Question {
  readonly image: ImageParts;
  /** A tag or a digest. */
  readonly reference: string;
  readonly signal: AbortSignal;
}

export type Read = { readonly kind: 'found'; readonly answer: HttpAnswer } | Absent | Trouble | Postponed;

/** One question to a registry and its answer: each is counted, and a pause that it asks for is kept. Rejects only when `signal` aborts. */
export interface RegistryExchange extends Pick<ImageRegistry, 'pausedForMs' | 'pauseFor'> {
  get(question: Question): Promise<Read>;
  /** Some registries know no HEAD. */
  head(question: Question): Promise<Read | { readonly kind: 'no-head' }>;
  /** The trouble of an exchange that went well, while what came in it is not to be believed. */
  bad(image: ImageParts, reason: string): Trouble;
}

/** Asks for manifests by the OCI Distribution API, as whoever the credentials say. */
export function createRegistryExchange({ access, clock, insecure, count }: ExchangePorts): RegistryExchange {
  const pausedUntilMs = new Map<string, number>();
  const schemes = createRegistrySchemes({ insecure, clock });

  /** Asks for a manifest, once more with a token when the registry wants to know who we are. */
  async function ask(method: 'HEAD' | 'GET', { image, reference, signal }: Question): Promise<HttpAnswer | Trouble | Postponed> {
    const registry = await schemes.find(image.registry, signal);
    const place = { image, registry };
    const url = new URL(`/v2/${image.repository}/manifests/${reference}`, registry);
    const askAs = async (authorization: string | null) => {
      const answer = await boundedFetch({
        url,
        method,
        headers: { accept, ...(authorization === null ? {} : { authorization }) },
        largestBytes: largestManifestBytes,
        mayFollow: async (target) => await mayFollow(target, registry),
        signal,
      });
      schemes.learn(image.registry, { url, answer });
      return answer;
    };

    let answer = await askAs(access.known(place));
    if (answer.kind === 'http' && answer.status === 401) {
      count(image.registry, 'challenged');
      access.drop(place);
      const obtained = await access.obtain({ ...place, challenge: answer.headers.get('www-authenticate'), signal });
      if (obtained.kind !== 'header') return obtained;
      answer = await askAs(obtained.value);
      if (answer.kind === 'http' && (answer.status === 401 || answer.status === 403)) access.refused(place);
    }
    return answer;
  }

  function judge({ registry }: ImageParts, answer: HttpAnswer | Trouble | Postponed): Read {
    if (answer.kind !== 'http') return answer;
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

  return {
    async get(question) {
      return noted(question.image, judge(question.image, await ask('GET', question)));
    },
    async head(question) {
      const answer = await ask('HEAD', question);
      if (answer.kind === 'http' && (answer.status === 405 || answer.status === 501)) return { kind: 'no-head' };
      return noted(question.image, judge(question.image, answer));
    },
    bad: (image, reason) => noted(image, badAnswer(registryAddress(image.registry, insecure).secure, reason)),
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
