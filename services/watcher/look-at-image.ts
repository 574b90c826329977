import { type Bucket, type Bus, type Entry, owe, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { type Digest, ImageEntry, type ImageReference, imageKey, parseImageReference } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { DeclaredImage } from './core/images/declared-images.ts';
import { type Judgement, judgeAnswer, needsManifest } from './core/images/judge-answer.ts';
import { afterPause, type LookEnd, nextLook } from './core/images/next-look.ts';
import type { ManifestAnswer, TagAnswer, Trouble } from './core/images/registry-answer.ts';
import type { Clock, ImageRegistry } from './ports.ts';

interface LookPorts {
  readonly bus: Bus;
  readonly registry: ImageRegistry;
  readonly clock: Clock;
  readonly platform: string;
}

/** Which image, and how it went until now. */
export interface LookRequest {
  readonly image: DeclaredImage;
  /** Looks in a row, before this one, that did not find the image. */
  readonly failures: number;
  readonly signal: AbortSignal;
}

/** What one look came to; what follows from it is stored and said already. */
export interface Look {
  readonly end: LookEnd;
  readonly reason: Judgement['reason'] | 'paused';
  /** As it stands afterwards; null when the registry could not be asked about a new image. */
  readonly entry: ImageEntry | null;
  /** Why the entry tells nothing new about the image. */
  readonly trouble: NonNullable<ImageEntry['trouble']> | null;
  /** When to look again, in milliseconds from now. */
  readonly afterMs: number;
}

interface Question {
  readonly reference: ImageReference;
  /** What is known of it. */
  readonly entry: ImageEntry | null;
  readonly signal: AbortSignal;
}

/** How often somebody else may write in between before the look gives up and comes again. */
const mostAttempts = 4;

/** Asks the registry about one image and brings what follows into KV, with the events it owes. */
export function createLookAtImage({ bus, registry, clock, platform }: LookPorts) {
  const images: Bucket<ImageEntry> = bus.bucket('images', ImageEntry);

  async function read(reference: ImageReference): Promise<Entry<ImageEntry> | null> {
    const entry = await images.get(imageKey(reference));
    return entry && (await sayOwed({ bus, bucket: images, entry }));
  }

  async function ask({ reference, entry, signal }: Question): Promise<TagAnswer | ManifestAnswer> {
    const image = parseImageReference(reference);
    if (image.digest !== null) return await registry.manifestOf({ image, digest: image.digest as Digest, signal });
    const named = await registry.digestOf(image, signal);
    if (named.kind !== 'digest' || !needsManifest(entry, { digest: named.digest, platform })) return named;
    const manifest = await registry.manifestOf({ image, digest: named.digest, signal });
    if (manifest.kind !== 'absent') return manifest;
    return { kind: 'trouble', code: 'REGISTRY_BAD_ANSWER', message: `${image.registry} names a manifest that it does not have` };
  }

  /** One attempt; null when somebody else wrote meanwhile: then the answer may be older than what they saw, and is worth nothing. */
  async function attempt({ image, failures, signal }: LookRequest): Promise<Look | null> {
    const { reference, watched, expected, delay, services } = image;
    const stored = await read(reference);
    const entry = stored?.value ?? null;
    const host = parseImageReference(reference).registry;
    const pausedMs = registry.pausedForMs(host);
    if (pausedMs > 0 && entry) {
      const { code, message } = pausedAnswer(host, pausedMs);
      const trouble = entry.trouble ?? { code, message, since: clock.now().toISOString() };
      return { end: 'failed', reason: 'paused', entry, trouble, afterMs: afterPause(pausedMs, { delay, random: clock.random() }) };
    }
    const answer = pausedMs > 0 ? pausedAnswer(host, pausedMs) : await ask({ reference, entry, signal });

    const end = endOf(answer);
    const retryAfterMs = answer.kind === 'trouble' ? answer.retryAfterMs : undefined;
    const { afterMs } = nextLook({ end, watched, delay, failures: failures + 1, random: clock.random(), retryAfterMs });
    const now = clock.now();
    const since = now.toISOString();
    const judged = judgeAnswer({ reference, expected, entry, answer, platform, services, now: since, retryAfterMs: afterMs });
    const postponed = answer.kind === 'postponed' ? { code: 'REGISTRY_DENIED', message: answer.message, since } : null;
    if (!judged.next) return { end, reason: judged.reason, entry, trouble: entry?.trouble ?? postponed, afterMs };
    const owes = judged.says.map(({ subject, data }) => owe(subject, data, { now }));
    const value = owes.length === 0 ? judged.next : { ...judged.next, owes };
    const written = await writeThenSay({ bus, bucket: images, key: imageKey(reference), previous: stored, value });
    return written && { end, reason: judged.reason, entry: written.value, trouble: written.value.trouble ?? null, afterMs };
  }

  return async function lookAtImage(request: LookRequest): Promise<Look> {
    for (let attempts = 0; attempts < mostAttempts; attempts += 1) {
      const look = await attempt(request);
      if (look) return look;
    }
    const { reference } = request.image;
    throw new RetryableError('WRITE_CONFLICT', `somebody else wrote about ${reference} at the same time; it is looked at again`);
  };
}

/** Rejects when the bus is away, with RetryableError WRITE_CONFLICT when others write all the time, and when `signal` aborts. */
export type LookAtImage = ReturnType<typeof createLookAtImage>;

function endOf({ kind }: TagAnswer | ManifestAnswer): LookEnd {
  if (kind === 'absent') return 'absent';
  return kind === 'trouble' || kind === 'postponed' ? 'failed' : 'answered';
}

/** A new image of a registry that asked for a pause: it is not asked, and the reconciler learns why nothing is known. */
function pausedAnswer(registry: string, retryAfterMs: number): Trouble {
  return { kind: 'trouble', code: 'REGISTRY_RATE_LIMITED', message: `${registry} asks for a pause`, retryAfterMs };
}
