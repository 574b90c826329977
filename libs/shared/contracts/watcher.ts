import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { ImageReference } from './image-reference.ts';
import { Digest, Instant, NodeName, ServiceName } from './names.ts';
import { NetworkSpec, ProxySettings, ServiceSpec } from './service-spec.ts';

/** One thing that is wrong in a configuration file. Lines and columns count from 1, in the file as the user wrote it. */
export const ConfigProblem = z
  .object({
    file: z.string(),
    line: z.int().min(1),
    column: z.int().min(1),
    /** Dotted path of the key, for example `service.restart`. */
    key: z.string().optional(),
    message: z.string(),
    /** The nearest known key, when the one found is unknown. */
    nearest: z.string().optional(),
    /** The line as the user wrote it (variables unrendered), to show with a caret. */
    excerpt: z.string().optional(),
  })
  .meta({ id: 'ConfigProblem' });
export type ConfigProblem = z.infer<typeof ConfigProblem>;

/** KV `services`, key `<node>.<service>`: the wish for one service. */
export const ServiceEntry = z
  .object({
    node: NodeName,
    spec: ServiceSpec,
    /** SHA-256 of the canonical spec; the manifest names it. */
    hash: z.string(),
    /** The folder of `service.toml`, relative to the configuration folder. */
    path: z.string(),
  })
  .meta({ id: 'ServiceEntry' });
export type ServiceEntry = z.infer<typeof ServiceEntry>;

/** KV `services`, key `<node>._config`, written last: the configuration as a whole. Specs that it does not name are not in force. */
export const ConfigManifest = z
  .object({
    node: NodeName,
    /** SHA-256 over the whole rendered configuration: the same content is the same revision. */
    revision: z.string(),
    /** The Git commit, when the configuration comes from Git. */
    commit: z.string().optional(),
    /** Main file name: `dispenser.toml` or `kedge.toml`; decides the name of the default network. */
    entry: z.string(),
    services: z.record(z.string(), z.string()),
    networks: z.array(NetworkSpec).optional(),
    proxy: ProxySettings.optional(),
    /** Seconds between two looks at the same image. */
    delay: z.int().min(0),
    /** A revision that would remove too much, waiting for a person's `kedge apply --yes`. */
    held: z.object({ revision: z.string(), removes: z.array(ServiceName), since: Instant }).optional(),
    /** What is allowed and dangerous in it: `privileged`, the engine's socket, the host's network. */
    warnings: z.array(ConfigProblem).optional(),
    /** Why the newest configuration on disk is not in force; absent when it is. */
    rejected: z.object({ problems: z.array(ConfigProblem), since: Instant }).optional(),
    ...owing,
  })
  .meta({ id: 'ConfigManifest' });
export type ConfigManifest = z.infer<typeof ConfigManifest>;

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
    /** `absent`: the registry answered that there is no such image; `unreachable`: it did not answer sensibly. */
    state: z.enum(['present', 'absent', 'unreachable']),
    /** Since when the registry is unreachable, and why; with `retryAt` it asked for a pause: nobody asks it for anything before. */
    trouble: z.object({ code: z.string(), message: z.string(), since: Instant, retryAt: Instant.optional() }).optional(),
    ...owing,
  })
  .meta({ id: 'ImageEntry' });
export type ImageEntry = z.infer<typeof ImageEntry>;

export const ConfigChanged = z
  .object({
    revision: z.string(),
    commit: z.string().optional(),
    added: z.array(ServiceName),
    changed: z.array(ServiceName),
    removed: z.array(ServiceName),
  })
  .meta({ id: 'ConfigChanged' });
export type ConfigChanged = z.infer<typeof ConfigChanged>;

export const ConfigRejected = z
  .object({
    reason: z.enum(['invalid', 'mass-removal', 'unreadable']),
    problems: z.array(ConfigProblem),
    /** For `mass-removal`: the services that would go. */
    removes: z.array(ServiceName).optional(),
  })
  .meta({ id: 'ConfigRejected' });
export type ConfigRejected = z.infer<typeof ConfigRejected>;

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

export const ImageRejected = z
  .object({
    reference: ImageReference,
    digest: Digest,
    reason: z.enum(['cooldown', 'barred', 'policy', 'platform', 'same-platform-manifest']),
    message: z.string(),
  })
  .meta({ id: 'ImageRejected' });
export type ImageRejected = z.infer<typeof ImageRejected>;

export const RegistryUnreachable = z
  .object({ registry: z.string(), reference: ImageReference, code: z.string(), message: z.string(), since: Instant, retryAfterMs: z.int() })
  .meta({ id: 'RegistryUnreachable' });
export type RegistryUnreachable = z.infer<typeof RegistryUnreachable>;

export const RegistryRecovered = z
  .object({ registry: z.string(), reference: ImageReference, since: Instant })
  .meta({ id: 'RegistryRecovered' });
export type RegistryRecovered = z.infer<typeof RegistryRecovered>;

/** `watcher.check`: look at one image, or all, now. */
export const CheckRequest = z
  .object({ reference: ImageReference.optional(), service: ServiceName.optional() })
  .meta({ id: 'CheckRequest' });
export type CheckRequest = z.infer<typeof CheckRequest>;
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

/**
 * `config.validate`: read the folder now and say what is wrong. With `reload` what is right and removes little goes in force at once, as with
 * the watcher's next look; with `apply` what was held too (`kedge apply --yes`).
 */
export const ValidateRequest = z
  .object({
    /** What the folder says is in force, and its `config.changed` said, when the answer comes. */
    reload: z.boolean().optional(),
    apply: z.boolean().optional(),
    /** With `apply`: the held revision that was shown to the person who said yes; another one stays held. */
    revision: z.string().optional(),
  })
  .meta({ id: 'ValidateRequest' });
export type ValidateRequest = z.infer<typeof ValidateRequest>;
export const ValidateReply = z
  .object({
    ok: z.boolean(),
    problems: z.array(ConfigProblem),
    /** What is allowed and dangerous; a configuration with warnings is in force. */
    warnings: z.array(ConfigProblem).optional(),
    /** What only a secret source could answer, where none was asked. */
    notChecked: z.array(ConfigProblem).optional(),
    services: z.array(ServiceName),
    /** The folder that was read, as its user calls it. */
    folder: z.string().optional(),
    /** Name of the main file: `kedge.toml` or `dispenser.toml`; absent when there is none. */
    entry: z.string().optional(),
    /** Revision in force after this request, null when there never was one. */
    revision: z.string().nullable(),
    held: ConfigManifest.shape.held,
  })
  .meta({ id: 'ValidateReply' });
export type ValidateReply = z.infer<typeof ValidateReply>;
