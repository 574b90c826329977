import { Digest, type ImageEntry, parseImageReference, type ReleaseRecord, type ServiceSpec } from '@kedge/shared/contracts';

/** Which image a service shall run now, and why. */
export type ImageChoice = ChosenImage | UnresolvedImage;

/** `reason`: who says that it is this one. */
export interface ChosenImage {
  readonly kind: 'chosen';
  readonly digest: Digest;
  readonly source: 'registry' | 'local';
  readonly reason: string;
}

/** Nobody is known to have the declared image. */
export interface UnresolvedImage {
  readonly kind: 'waiting';
  readonly code: 'IMAGE_UNRESOLVED';
  readonly message: string;
  /** The registry was asked, with this result; false while that is about to happen. */
  readonly isAnswered: boolean;
}

interface ChooseImage {
  readonly spec: ServiceSpec;
  /** What the watcher knows; null when it has not looked yet, or its bucket was lost. */
  readonly entry: ImageEntry | null;
  readonly pinned: ReleaseRecord['pinned'];
  /** What serves, or is on its way where nothing does; it counts when it is of the declared reference. */
  readonly serving: { readonly image: string; readonly digest: Digest; readonly source: 'registry' | 'local' } | null;
  /** Id of the engine's own image under the declared reference. */
  readonly local: Digest | null;
  /** A new run of a service with `pull = "always"`: what was pinned does not count. */
  readonly fresh?: boolean;
}

/** A digest in the reference counts first, then the pin of what is not watched, then the registry, then what serves, then what the engine has. */
export function chooseImage({ spec, entry, pinned, serving, local, fresh = false }: ChooseImage): ImageChoice {
  const image = spec.service.image;
  const declared = Digest.safeParse(parseImageReference(image).digest);
  if (declared.success)
    return { kind: 'chosen', digest: declared.data, source: 'registry', reason: 'the declared reference names its digest' };

  const takesFresh = fresh && spec.dispenser.pull === 'always';
  if (!spec.dispenser.watch && pinned?.image === image && !takesFresh) {
    return { kind: 'chosen', digest: pinned.digest, source: pinned.source, reason: 'watch = false stays with the first digest' };
  }
  if (entry?.accepted) return { kind: 'chosen', digest: entry.accepted.digest, source: 'registry', reason: 'the registry says so' };

  const kept = serving?.image === image ? serving : null;
  if (kept?.source === 'registry')
    return { kind: 'chosen', digest: kept.digest, source: 'registry', reason: 'what serves stays until the registry answers' };
  if (entry && local)
    return {
      kind: 'chosen',
      digest: local,
      source: 'local',
      reason: `the registry has no answer (${entry.state}), the engine has an image`,
    };
  if (kept) return { kind: 'chosen', digest: kept.digest, source: kept.source, reason: 'what serves stays' };
  return { kind: 'waiting', code: 'IMAGE_UNRESOLVED', message: unresolved(image, entry), isAnswered: entry !== null };
}

function unresolved(image: string, entry: ImageEntry | null): string {
  if (!entry) return `${image} has not been looked up yet`;
  const trouble = entry.trouble ? ` (${entry.trouble.message})` : '';
  if (entry.state === 'absent')
    return `the registry has no image ${image}${trouble}, and neither has the engine; push it, or correct "image"`;
  return `the registry of ${image} does not answer${trouble}, and the engine has no such image`;
}
