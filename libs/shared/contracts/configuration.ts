import { z } from 'zod';
import { owing } from './cloud-event.ts';
import { Instant, NodeName, ServiceName } from './names.ts';
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
    /** The folder that this was read from, as its user calls it; absent when that was before it was written down. */
    folder: z.string().optional(),
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

/** `config.changed`: another revision is in force. */
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

/** `config.rejected`: what is on disk is not taken over; what was in force stays. */
export const ConfigRejected = z
  .object({
    reason: z.enum(['invalid', 'mass-removal', 'unreadable']),
    problems: z.array(ConfigProblem),
    /** For `mass-removal`: the services that would go. */
    removes: z.array(ServiceName).optional(),
  })
  .meta({ id: 'ConfigRejected' });
export type ConfigRejected = z.infer<typeof ConfigRejected>;

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

/** What is wrong with the folder, and what is in force now. */
export const ValidateReply = z
  .object({
    ok: z.boolean(),
    problems: z.array(ConfigProblem),
    /** Why nothing was put in force though no line is at fault, in a sentence; with `apply` only. */
    reason: z.string().optional(),
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
