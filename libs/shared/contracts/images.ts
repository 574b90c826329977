import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { ImageReference } from './image-reference.ts';
import { Digest, Instant, ServiceName } from './names.ts';

/** KV `images`, key `imageKey(reference)`: what the registry says of one distinct image reference. */
export const ImageEntry = z
  .object({
    reference: ImageReference,
    /** Null until the registry answered once with a manifest; then the reconciler takes the engine's local image. */
    accepted: z
      .object({
        /** Digest of the manifest or index that the tag names: what is pulled. */
        digest: Digest,
        /** Digest of the manifest for our platform; equals `digest` when the tag names a plain manifest. */
        platformDigest: Digest,
        acceptedAt: Instant,
      })
      .nullable(),
    /** The newest digest seen, accepted or not. */
    seen: z.object({ digest: Digest, firstSeenAt: Instant, rejected: z.string().optional() }).optional(),
    /** What `accepted` and `rejected` were judged for, such as `linux/arm64`; absent when that was before it was written down. */
    platform: z.string().optional(),
    /** `absent`: the registry answered that there is no such image, with `trouble`: it denied access to one that nobody follows; `unreachable`: it did not answer sensibly. */
    state: z.enum(['present', 'absent', 'unreachable']),
    /** Since when the registry is unreachable, or denies access to an `absent` image, and why; with `retryAt` it asked for a pause: nobody asks it for anything before. */
    trouble: z.object({ code: z.string(), message: z.string(), since: Instant, retryAt: Instant.optional() }).optional(),
    ...owing,
  })
  .meta({ id: 'ImageEntry' });
export type ImageEntry = z.infer<typeof ImageEntry>;

/** `image.updated`: the tag names another image, and it was accepted. `previous` is null for the first one. */
export const ImageUpdated = z
  .object({
    reference: ImageReference,
    digest: Digest,
    platformDigest: Digest,
    previous: Digest.nullable(),
    /** The services of this node that declare the image. */
    services: z.array(ServiceName),
  })
  .meta({ id: 'ImageUpdated' });
export type ImageUpdated = z.infer<typeof ImageUpdated>;

/** `image.rejected`: the tag names another image, and the one accepted before stays. */
export const ImageRejected = z
  .object({
    reference: ImageReference,
    digest: Digest,
    reason: z.enum(['cooldown', 'barred', 'policy', 'platform', 'same-platform-manifest']),
    message: z.string(),
  })
  .meta({ id: 'ImageRejected' });
export type ImageRejected = z.infer<typeof ImageRejected>;

/** `registry.unreachable`: a registry stopped to answer sensibly for this image; said once, when it begins. */
export const RegistryUnreachable = z
  .object({ registry: z.string(), reference: ImageReference, code: z.string(), message: z.string(), since: Instant, retryAfterMs: z.int() })
  .meta({ id: 'RegistryUnreachable' });
export type RegistryUnreachable = z.infer<typeof RegistryUnreachable>;

/** `registry.recovered`: it answers again for this image; `since` is when it had stopped. */
export const RegistryRecovered = z
  .object({ registry: z.string(), reference: ImageReference, since: Instant })
  .meta({ id: 'RegistryRecovered' });
export type RegistryRecovered = z.infer<typeof RegistryRecovered>;

/** `watcher.check`: look at one image, or all, now. */
export const CheckRequest = z
  .object({ reference: ImageReference.optional(), service: ServiceName.optional() })
  .meta({ id: 'CheckRequest' });
export type CheckRequest = z.infer<typeof CheckRequest>;

/** What came of looking; an image that nobody declares has no entry. */
export const CheckReply = z
  .object({
    checked: z.array(
      z.object({
        reference: ImageReference,
        state: ImageEntry.shape.state,
        digest: Digest.nullable(),
        /** Why the answer is not `present`, or is old. */
        trouble: ImageEntry.shape.trouble,
      }),
    ),
  })
  .meta({ id: 'CheckReply' });
export type CheckReply = z.infer<typeof CheckReply>;
