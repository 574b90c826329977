import type { ImageParts } from '@kedge/shared/contracts';
import { errorMessage, Sealed } from '@kedge/shared/kernel';
import { z } from 'zod';
import { type Challenge, parseChallenge } from '../core/images/challenge.ts';
import { maySendUsTo } from '../core/images/registry-address.ts';
import type { Postponed, Trouble } from '../core/images/registry-answer.ts';
import { pauseAskedBy } from '../core/images/retry-after.ts';
import type { Clock, CredentialSource, Credentials } from '../ports.ts';
import { addressesOf } from './addresses-of.ts';
import { badAnswer, boundedFetch, type HttpAnswer } from './bounded-fetch.ts';

/** RFC 6749 §5.1 and the Docker token server's older name for the same. */
const TokenReply = z.object({ token: z.string().optional(), access_token: z.string().optional(), expires_in: z.number().optional() });

/** Tokens without a term live this long, in seconds (Docker Registry token specification). */
const defaultTermSeconds = 60;
/** A token is not used in its last seconds. */
const marginMs = 10_000;
const basicTermMs = 60_000;
const largestTokenBytes = 256 * 1024;
/** The user name under which an identity token is kept in Docker's configuration. */
const identityTokenUser = '<token>';

/** A repository, and where its registry is asked. */
interface Place {
  readonly image: ImageParts;
  readonly registry: URL;
}

/** Who we are at registries, repository by repository, and apart for HTTPS and plain HTTP: what served for one is never shown to the other. */
export interface RegistryAccess {
  /** The `Authorization` that served last for this repository; null when there is none that still holds. */
  known(place: Place): string | null;
  /** Answers a 401: finds out who we are, asks for a token where that is wanted, and remembers it. */
  obtain(
    request: Place & { readonly challenge: string | null; readonly signal: AbortSignal },
  ): Promise<{ readonly kind: 'header'; readonly value: string } | Trouble | Postponed>;
  /** Drops what `known` gave: the registry did not take it, which may be because it is old. */
  drop(place: Place): void;
  /** Drops that and who we are: the registry did not take what was obtained a moment ago. */
  refused(place: Place): void;
}

interface AccessPorts {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

/** Basic and bearer authentication at registries. Headers are kept sealed and only until they expire. */
export function createRegistryAccess({ credentials, clock }: AccessPorts): RegistryAccess {
  const headers = new Map<string, { readonly header: Sealed; readonly untilMs: number }>();

  function remember(
    place: Place,
    { value, termMs }: { readonly value: string; readonly termMs: number },
  ): { readonly kind: 'header'; readonly value: string } {
    const nowMs = clock.monotonicMs();
    for (const [key, { untilMs }] of headers) if (untilMs <= nowMs) headers.delete(key);
    headers.set(keyOf(place), { header: new Sealed(value), untilMs: nowMs + termMs });
    return { kind: 'header', value };
  }

  return {
    known(place) {
      const found = headers.get(keyOf(place));
      return found && found.untilMs > clock.monotonicMs() ? found.header.reveal() : null;
    },
    drop: (place) => void headers.delete(keyOf(place)),
    refused(place) {
      headers.delete(keyOf(place));
      credentials.drop(place.image.registry);
    },

    async obtain({ image, registry, challenge: header, signal }) {
      const challenge = parseChallenge(header);
      if (!challenge) return denied(`${registry.host} wants to know who we are in a way that is not understood; Basic and Bearer are`);
      let who: Credentials | null;
      try {
        who = await credentials.find(image.registry);
      } catch (thrown) {
        return { kind: 'postponed', message: `the credentials for ${image.registry} cannot be asked for: ${errorMessage(thrown)}` };
      }
      if (challenge.kind === 'basic') {
        if (!who) return denied(`${registry.host} wants a name and a password, and there are none for it; add them with docker login`);
        return remember({ image, registry }, { value: basic(who), termMs: basicTermMs });
      }
      const token = await askForToken({ image, registry, challenge, who, signal, clock });
      if (token.kind === 'token') return remember({ image, registry }, { value: `Bearer ${token.value}`, termMs: token.termMs });
      if (token.code === 'REGISTRY_DENIED') credentials.drop(image.registry);
      return token;
    },
  };
}

type Bearer = Extract<Challenge, { kind: 'bearer' }>;
type Token = { readonly kind: 'token'; readonly value: string; readonly termMs: number };

interface TokenQuestion {
  readonly image: ImageParts;
  readonly registry: URL;
  readonly challenge: Bearer;
  readonly who: Credentials | null;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

async function askForToken({ image, registry, challenge, who, signal, clock }: TokenQuestion): Promise<Token | Trouble> {
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : null;
  if (!realm || !/^https?:$/.test(realm.protocol)) return badAnswer(registry, 'its token realm is not an address');
  const [realmAddresses, registryAddresses] = await Promise.all([addressesOf(realm), addressesOf(registry)]);
  if (realmAddresses.length === 0) {
    return { kind: 'trouble', code: 'REGISTRY_UNREACHABLE', message: `the token realm ${realm.host} has no address` };
  }
  if (!maySendUsTo({ target: realm, registry, targetAddresses: realmAddresses, registryAddresses })) {
    return denied(`${registry.host} sends us for a token to ${realm.host}, which is not asked: it is private, or speaks plain HTTP`);
  }
  const question = { service: challenge.service ?? registry.host, scope: challenge.scope ?? `repository:${image.repository}:pull` };
  const answer = await boundedFetch({
    ...tokenRequest(realm, { question, who }),
    largestBytes: largestTokenBytes,
    signal,
  });
  return answer.kind === 'http' ? readToken(answer, { realm, now: clock.now() }) : answer;
}

interface Asked {
  readonly question: { readonly service: string; readonly scope: string };
  readonly who: Credentials | null;
}

function tokenRequest(realm: URL, { question, who }: Asked) {
  if (who?.username === identityTokenUser) {
    const form = { ...question, grant_type: 'refresh_token', client_id: 'kedge', refresh_token: who.password.reveal() };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { url: realm, method: 'POST', headers, body: new URLSearchParams(form).toString() } as const;
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(question)) url.searchParams.set(name, value);
  return { url, method: 'GET', headers: who ? { authorization: basic(who) } : {} } as const;
}

function readToken(answer: HttpAnswer, { realm, now }: { readonly realm: URL; readonly now: Date }): Token | Trouble {
  const { status, body } = answer;
  if (status === 401 || status === 403)
    return denied(`${realm.host} gives no token (HTTP ${status}); check the credentials for the registry`);
  const pause = pauseAskedBy(answer, now);
  if (pause) return { ...pause, message: `${realm.host} gives no token: it asks for a pause (HTTP ${status})` };
  if (status !== 200) return { kind: 'trouble', code: 'REGISTRY_ERROR', message: `${realm.host} gives no token (HTTP ${status})` };
  const parsed = TokenReply.safeParse(parseJson(body));
  const value = parsed.data?.token ?? parsed.data?.access_token;
  // A token with a line break could smuggle another header in.
  if (!value || !/^[\x21-\x7e]+$/.test(value)) return badAnswer(realm, 'there is no token in it');
  return { kind: 'token', value, termMs: Math.max((parsed.data?.expires_in ?? defaultTermSeconds) * 1_000 - marginMs, 0) };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null; // not JSON is a result
  }
}

function denied(message: string): Trouble {
  return { kind: 'trouble', code: 'REGISTRY_DENIED', message };
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;
}

function keyOf({ image, registry }: Place): string {
  return `${registry.protocol}//${image.registry}/${image.repository}`;
}
