import { z } from 'zod';

/** An image as the user wrote it, for example `nginx`, `registry.example.com/team/app:1.2` or `app@sha256:…`. */
export const ImageReference = z
  .string()
  .regex(
    /^(?:(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d))(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    'an image is [registry/]repository[:tag][@sha256:digest], with the repository in lower case and 64 hexadecimal digits in the digest',
  )
  .refine((reference) => Number(/^[^/]+:(\d+)\//.exec(reference)?.[1] ?? 1) <= 65_535, 'the port of the registry is at most 65535')
  .brand<'ImageReference'>()
  .meta({ id: 'ImageReference' });
export type ImageReference = z.infer<typeof ImageReference>;

/** The parts of an image reference (OCI Distribution §Pulling manifests). */
export interface ImageParts {
  /** Host and optional port; `docker.io` when the reference names none. */
  readonly registry: string;
  /** Name within the registry; Docker Hub's single words get `library/`. */
  readonly repository: string;
  /** `latest` when neither tag nor digest is given; null when only a digest is. */
  readonly tag: string | null;
  readonly digest: string | null;
}

/** Splits a reference by Docker's rule: the first part is a registry when it has a dot or colon or is `localhost`. */
export function parseImageReference(reference: string): ImageParts {
  const [named = '', digest = null] = reference.split('@');
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = first === 'localhost' || first.includes('.') || first.includes(':');
  const registry = hasRegistry ? first : 'docker.io';
  const rest = hasRegistry ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? null : rest.slice(colon + 1);
  const isHub = registry === 'docker.io' || registry === 'index.docker.io' || registry === 'registry-1.docker.io';
  return {
    registry: isHub ? 'docker.io' : registry,
    repository: isHub && !path.includes('/') ? `library/${path}` : path,
    tag: tag ?? (digest === null ? 'latest' : null),
    digest,
  };
}

/** The reference that pulls exactly `digest` from the repository that `reference` names. */
export function pinnedReference(reference: string, digest: string): string {
  const { registry, repository } = parseImageReference(reference);
  return `${registry}/${repository}@${digest}`;
}
