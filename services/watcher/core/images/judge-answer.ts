import type { DataOf, Digest, ImageEntry, ImageReference, Instant, ServiceName } from '@kedge/shared/contracts';
import { parseImageReference } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { ManifestAnswer, TagAnswer, Trouble } from './registry-answer.ts';

/** An event that the entry owes when it is written. */
export type ImageEvent =
  | { readonly subject: 'image.updated'; readonly data: DataOf<'image.updated'> }
  | { readonly subject: 'image.rejected'; readonly data: DataOf<'image.rejected'> }
  | { readonly subject: 'registry.unreachable'; readonly data: DataOf<'registry.unreachable'> }
  | { readonly subject: 'registry.recovered'; readonly data: DataOf<'registry.recovered'> };

/** What follows from an answer. */
export interface Judgement {
  /** For the log: why. */
  readonly reason: 'accepted' | 'unchanged' | 'rejected' | 'absent' | 'trouble' | 'postponed';
  /** What the entry becomes; null when it stays as it is. */
  readonly next: ImageEntry | null;
  readonly says: readonly ImageEvent[];
}

interface Case {
  readonly reference: ImageReference;
  /** Something is expected of the registry: see `DeclaredImage`. */
  readonly expected: boolean;
  /** Without debts. */
  readonly entry: ImageEntry | null;
  readonly answer: TagAnswer | ManifestAnswer;
  readonly platform: string;
  readonly services: readonly ServiceName[];
  readonly now: Instant;
  /** When the image is asked for again, should the answer be trouble. */
  readonly retryAfterMs: number;
}

/** True when the digest alone says too little: its manifest has to be read before it is accepted or rejected, for this platform. */
export function needsManifest(
  entry: ImageEntry | null,
  { digest, platform }: { readonly digest: Digest; readonly platform: string },
): boolean {
  if (entry?.platform !== platform) return true;
  if (entry?.accepted?.digest === digest) return false;
  return entry?.seen?.digest !== digest || entry.seen.rejected === undefined;
}

/** Decides what an answer of the registry means. Neither trouble nor absence ever changes what was accepted. */
export function judgeAnswer(given: Case): Judgement {
  const { answer, entry, reference } = given;
  const known: ImageEntry = entry ?? { reference, accepted: null, state: 'present' };
  switch (answer.kind) {
    case 'digest':
      return settle(given, {
        reason: 'unchanged',
        next: { ...known, state: 'present', seen: seenDigest(given, { digest: answer.digest, rejected: entry?.seen?.rejected }) },
        says: [],
      });
    case 'manifest':
      return judgeManifest(given, { answer, known: { ...known, state: 'present', platform: given.platform } });
    case 'absent':
      return settle(given, { reason: 'absent', next: { ...withPinned(given, known), state: 'absent' }, says: firstPinned(given) });
    case 'trouble':
      return isLikelyLocal(given, answer) ? judgeLocal(given, { trouble: answer, known }) : judgeTrouble(given, { trouble: answer, known });
    case 'postponed':
      // With an entry nothing is lost by waiting; without one the reconciler has to learn that the local image must do.
      return entry
        ? { reason: 'postponed', next: null, says: [] }
        : judgeTrouble(given, { trouble: { kind: 'trouble', code: 'REGISTRY_DENIED', message: answer.message }, known });
    default:
      return answer satisfies never;
  }
}

interface FoundManifest {
  readonly answer: Extract<ManifestAnswer, { kind: 'manifest' }>;
  readonly known: ImageEntry;
}

function judgeManifest(given: Case, { answer: { digest, platformDigest, platforms }, known }: FoundManifest): Judgement {
  const { entry, reference, platform, services, now } = given;
  const reject = (reason: 'platform' | 'same-platform-manifest', message: string) => {
    const isOfAnother = entry?.platform !== undefined && entry.platform !== platform;
    const isNews = entry?.seen?.digest !== digest || entry.seen.rejected !== reason || isOfAnother;
    const next = { ...known, seen: seenDigest(given, { digest, rejected: reason }) };
    const says: ImageEvent[] = isNews ? [{ subject: 'image.rejected', data: { reference, digest, reason, message } }] : [];
    return settle(given, { reason: 'rejected', next, says });
  };

  if (platformDigest === null) {
    return reject(
      'platform',
      `${reference} has no variant for ${platform}, only for ${platforms.join(', ') || 'no platform at all'}; build it for ${platform} too`,
    );
  }
  if (entry?.accepted && entry.accepted.digest !== digest && entry.accepted.platformDigest === platformDigest) {
    return reject('same-platform-manifest', `${reference} has a new index, but its image for ${platform} is the accepted one`);
  }
  const seen = seenDigest(given, { digest, rejected: undefined });
  if (entry?.accepted?.digest === digest) {
    return settle(given, { reason: 'unchanged', next: { ...known, accepted: { ...entry.accepted, platformDigest }, seen }, says: [] });
  }
  const next: ImageEntry = { ...known, accepted: { digest, platformDigest, acceptedAt: now }, seen };
  const data = { reference, digest, platformDigest, previous: entry?.accepted?.digest ?? null, services: [...services] };
  return settle(given, { reason: 'accepted', next, says: [{ subject: 'image.updated', data }] });
}

/**
 * A registry that does not tell strangers what it has denies what it does not have, too: an image of which nothing is expected, and that no
 * registry ever told of, is most likely the engine's own.
 */
function isLikelyLocal({ expected, entry, reference }: Case, { code }: Trouble): boolean {
  return code === 'REGISTRY_DENIED' && !expected && !entry?.accepted && pinnedDigest(reference) === null;
}

/** No trouble to anybody; what the registry said is kept for whoever finds that the engine has no such image. */
function judgeLocal(given: Case, { trouble: { code, message }, known }: Troubled): Judgement {
  const { entry, now } = given;
  const { says } = settle(given, { reason: 'absent', next: known, says: [] });
  const since = (entry?.state === 'absent' && entry.trouble?.since) || now;
  return { reason: 'absent', next: changed(entry, { ...known, state: 'absent', trouble: { code, message, since } }), says };
}

interface Troubled {
  readonly trouble: Trouble;
  readonly known: ImageEntry;
}

function judgeTrouble(given: Case, { trouble, known }: Troubled): Judgement {
  const { code, message, retryAfterMs: pauseMs } = trouble;
  const { entry, reference, now, retryAfterMs } = given;
  const wasUnreachable = entry?.state === 'unreachable';
  const since = (wasUnreachable && entry.trouble?.since) || now;
  const pause = pauseMs === undefined ? {} : { retryAt: new Date(Date.parse(now) + pauseMs).toISOString() };
  const next: ImageEntry = { ...withPinned(given, known), state: 'unreachable', trouble: { code, message, since, ...pause } };
  const says: ImageEvent[] = wasUnreachable
    ? []
    : [
        {
          subject: 'registry.unreachable',
          data: {
            registry: registryOf(reference),
            reference,
            code,
            message: `${reference} could not be looked at: ${message}`,
            since,
            retryAfterMs: Math.round(retryAfterMs),
          },
        },
      ];
  return { reason: 'trouble', next: changed(entry, next), says: [...firstPinned(given), ...says] };
}

interface Answered extends Judgement {
  readonly next: ImageEntry;
}

/** The registry answered: whatever trouble there was is over. */
function settle({ entry, reference, now }: Case, { reason, next: answered, says }: Answered): Judgement {
  const { trouble: _trouble, ...next } = answered;
  if (entry?.state !== 'unreachable') return { reason, next: changed(entry, next), says };
  const since = entry.trouble?.since ?? now;
  return { reason, next, says: [{ subject: 'registry.recovered', data: { registry: registryOf(reference), reference, since } }, ...says] };
}

function seenDigest(
  { entry, now }: Case,
  { digest, rejected }: { readonly digest: Digest; readonly rejected: string | undefined },
): NonNullable<ImageEntry['seen']> {
  const firstSeenAt = entry?.seen?.digest === digest ? entry.seen.firstSeenAt : now;
  const stays = rejected !== undefined && entry?.accepted?.digest !== digest;
  return { digest, firstSeenAt, ...(stays ? { rejected } : {}) };
}

/** A pinned digest needs no registry: it is accepted as it is. */
function withPinned({ reference, now }: Case, known: ImageEntry): ImageEntry {
  const digest = pinnedDigest(reference);
  return digest && !known.accepted ? { ...known, accepted: { digest, platformDigest: digest, acceptedAt: now } } : known;
}

function firstPinned({ reference, entry, services }: Case): ImageEvent[] {
  const digest = pinnedDigest(reference);
  if (!digest || entry?.accepted) return [];
  return [{ subject: 'image.updated', data: { reference, digest, platformDigest: digest, previous: null, services: [...services] } }];
}

function pinnedDigest(reference: ImageReference): Digest | null {
  return parseImageReference(reference).digest as Digest | null;
}

function registryOf(reference: ImageReference): string {
  return parseImageReference(reference).registry;
}

function changed(entry: ImageEntry | null, next: ImageEntry): ImageEntry | null {
  return entry && sameJson(entry, next) ? null : next;
}
