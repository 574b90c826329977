import { z } from 'zod';

/** Media types of manifests that name variants (OCI Image Index, Docker Image Manifest V2 §Manifest List). */
export const indexTypes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'] as const;
/** Media types of manifests of one image. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

const Descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
});
type Descriptor = z.infer<typeof Descriptor>;

/** What is read of a manifest, whatever its kind. */
export const Manifest = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(Descriptor).optional(),
  config: z.object({ digest: z.string() }).optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** What an index offers for one platform. */
export interface PlatformChoice {
  /** Manifests of the platform, best first. */
  readonly images: readonly string[];
  /** Indexes within the index that may hold one: an index may name another. */
  readonly nested: readonly string[];
  /** Every platform that it names. */
  readonly platforms: readonly string[];
}

/** Picks from an index what a platform such as `linux/amd64` or `linux/arm/v7` would run. */
export function choosePlatform(descriptors: readonly Descriptor[], wanted: string): PlatformChoice {
  const isIndex = ({ mediaType }: Descriptor) => indexTypes.some((type) => type === mediaType);
  const fits = (descriptor: Descriptor) => !descriptor.platform || platformFits(descriptor.platform, wanted);
  // Signatures and attestations stand in an index as images for `unknown/unknown`.
  const real = descriptors.filter(({ platform }) => platform?.os !== 'unknown');
  const exact = real.filter((descriptor) => !isIndex(descriptor) && descriptor.platform && fits(descriptor));
  const unnamed = real.filter((descriptor) => !isIndex(descriptor) && !descriptor.platform);
  return {
    images: [...exact, ...unnamed].map(({ digest }) => digest),
    nested: real.filter((descriptor) => isIndex(descriptor) && fits(descriptor)).map(({ digest }) => digest),
    platforms: [...new Set(real.flatMap(({ platform }) => (platform ? [platformName(platform)] : [])))],
  };
}

type Platform = NonNullable<Descriptor['platform']>;

/** Variants that are the same as none (containerd, `platforms.Normalize`). */
const defaultVariants: Readonly<Record<string, string>> = { arm64: 'v8', arm: 'v7' };

function platformFits(offered: Platform, wanted: string): boolean {
  const [os, architecture = '', variant] = wanted.split('/');
  const usual = defaultVariants[architecture];
  return offered.os === os && offered.architecture === architecture && (offered.variant ?? usual) === (variant ?? usual);
}

function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}
