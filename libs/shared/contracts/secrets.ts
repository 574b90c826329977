import { z } from 'zod';
import { ServiceName } from './names.ts';
import { SecretRef } from './service-spec.ts';

/**
 * Payloads that carry values travel sealed with X25519 boxes (nkeys `xkv1`, base64): the request to the component's public curve key,
 * the reply to the one-time public key in the request.
 */
export const SealedBox = z.object({ recipient: z.string(), sender: z.string(), box: z.base64() }).meta({ id: 'SealedBox' });
export type SealedBox = z.infer<typeof SealedBox>;

/** Inside the box of `config.render`: the files of a configuration as they are on disk. */
export const RenderRequest = z
  .object({
    files: z.array(z.object({ path: z.string(), text: z.string() })),
    /** Paths of `env_file`s relative to the configuration folder; they are read where they are rendered, and no value of them leaves. */
    envFiles: z.array(z.string()).optional(),
  })
  .meta({ id: 'RenderRequest' });
export type RenderRequest = z.infer<typeof RenderRequest>;

/** A place in a rendered TOML file whose value depends on a variable. */
export const TaintedLeaf = z
  .object({
    /** Keys and indices from the root of the file. */
    pointer: z.array(z.union([z.string(), z.int()])),
    secret: SecretRef,
    /** `vars`: every variable in it comes from a vars file, so image, host, port and path may stay plain. */
    origin: z.enum(['vars', 'secret-source']),
  })
  .meta({ id: 'TaintedLeaf' });
export type TaintedLeaf = z.infer<typeof TaintedLeaf>;

/** Positions of the rendered text that came from the same place of the source: sorted `[rendered offset, source offset]`. */
export const SourceMap = z.array(z.tuple([z.int(), z.int()])).meta({ id: 'SourceMap' });
export type SourceMap = z.infer<typeof SourceMap>;

/** What went wrong in a template or vars file; never with a value in it. Offsets count UTF-16 units from 0 in the named file. */
export const RenderProblem = z
  .object({ path: z.string(), offset: z.int().min(0), message: z.string(), nearest: z.string().optional() })
  .meta({ id: 'RenderProblem' });
export type RenderProblem = z.infer<typeof RenderProblem>;

/** Inside the box of the answer to `config.render`. */
export const RenderReply = z
  .object({
    /** Changes when a variable file changes; a fingerprint, not a content hash. */
    variables: z.string(),
    files: z.array(z.object({ path: z.string(), text: z.string(), map: SourceMap, tainted: z.array(TaintedLeaf) })),
    /** Names in the order of each file; `null` for one that does not exist. */
    envFiles: z
      .array(z.object({ path: z.string(), variables: z.array(z.object({ name: z.string(), secret: SecretRef })).nullable() }))
      .optional(),
    problems: z.array(RenderProblem),
    /** What is allowed, and surely not meant. */
    warnings: z.array(RenderProblem).optional(),
  })
  .meta({ id: 'RenderReply' });
export type RenderReply = z.infer<typeof RenderReply>;

/** Inside the box of `secrets.resolve`: which values are wanted, as the spec names them. */
export const ResolveRequest = z.object({ secrets: z.array(SecretRef) }).meta({ id: 'ResolveRequest' });
export type ResolveRequest = z.infer<typeof ResolveRequest>;
/** Inside the box of the answer: values by `ref`. */
export const ResolveReply = z.object({ values: z.record(z.string(), z.string()) }).meta({ id: 'ResolveReply' });
export type ResolveReply = z.infer<typeof ResolveReply>;

/** Inside the box of `secrets.passwords`: which hashes of passwords of routes are wanted. */
export const PasswordsRequest = z.object({ secrets: z.array(SecretRef).max(10_000) }).meta({ id: 'PasswordsRequest' });
export type PasswordsRequest = z.infer<typeof PasswordsRequest>;
/** Inside the box of the answer: those of them that can be told, by `ref`. */
export const PasswordsReply = z.object({ values: z.record(z.string(), z.string()) }).meta({ id: 'PasswordsReply' });
export type PasswordsReply = z.infer<typeof PasswordsReply>;

/** Inside the box of `secrets.mask`: nothing to say. */
export const MaskRequest = z.object({}).meta({ id: 'MaskRequest' });
export type MaskRequest = z.infer<typeof MaskRequest>;
/** Inside the box of the answer: every value that must not be seen in what containers print. */
export const MaskReply = z.object({ values: z.array(z.string()) }).meta({ id: 'MaskReply' });
export type MaskReply = z.infer<typeof MaskReply>;

/** Inside the box of `secrets.registry`: the host and port of a registry. */
export const RegistryRequest = z.object({ registry: z.string() }).meta({ id: 'RegistryRequest' });
export type RegistryRequest = z.infer<typeof RegistryRequest>;
/** Inside the box of the answer; null when access is anonymous. */
export const RegistryReply = z
  .object({ credentials: z.object({ username: z.string(), password: z.string() }).nullable() })
  .meta({ id: 'RegistryReply' });
export type RegistryReply = z.infer<typeof RegistryReply>;

/** `secret.rotated`: the value behind `ref` is another one; `services` use it. */
export const SecretRotated = z
  .object({ ref: z.string(), fingerprint: z.string(), services: z.array(ServiceName) })
  .meta({ id: 'SecretRotated' });
export type SecretRotated = z.infer<typeof SecretRotated>;
