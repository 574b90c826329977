import { type ImageEntry, type ImageReference, parseImageReference } from '@kedge/shared/contracts';
import type { DeclaredImage } from './declared-images.ts';
import { ownerOf } from './rendezvous.ts';

/** A look that is planned here, with the settings it was begun with. */
export interface PlannedLook {
  readonly reference: ImageReference;
  readonly delay: number;
  readonly watched: boolean;
  /** False for a single look at a new image that is another member's to follow. */
  readonly owned: boolean;
}

interface Situation {
  readonly declared: ReadonlyMap<ImageReference, DeclaredImage>;
  /** What KV says, by reference. */
  readonly known: ReadonlyMap<ImageReference, ImageEntry>;
  /** Images that are looked at or wait for their next look here. */
  readonly planned: ReadonlyMap<ImageReference, PlannedLook>;
  readonly members: readonly string[];
  readonly self: string;
}

/** What changes of the looks that are planned here. */
export interface LookPlan {
  /** Look at these now. */
  readonly begin: readonly PlannedLook[];
  /** Do not look at these any more. */
  readonly forget: readonly ImageReference[];
}

/**
 * Compares what should be looked at by us with what is: newly declared images at once, those of a lost member too. A new image of our
 * own node is looked at once whoever owns it: the owner may just have died, or not have noticed yet.
 */
export function planLooks({ declared, known, planned, members, self }: Situation): LookPlan {
  const wanted = new Map<ImageReference, PlannedLook>();
  for (const image of declared.values()) {
    const { reference, delay, watched, services } = image;
    if (!needsLooks(image, known.get(reference))) continue;
    const owned = ownerOf(reference, members) === self;
    if (owned || (!known.has(reference) && services.length > 0)) wanted.set(reference, { reference, delay, watched, owned });
  }
  return {
    begin: [...wanted.values()].filter((look) => isNews(look, planned.get(look.reference))),
    forget: [...planned.keys()].filter((reference) => !wanted.has(reference)),
  };
}

function isNews({ delay, watched, owned }: PlannedLook, current: PlannedLook | undefined): boolean {
  return !current || current.delay !== delay || current.watched !== watched || (owned && !current.owned);
}

/** Watched images always; others until something was accepted for them once. */
export function needsLooks(
  { reference, watched }: Pick<DeclaredImage, 'reference' | 'watched'>,
  entry: ImageEntry | null | undefined,
): boolean {
  if (!entry?.accepted) return true;
  const isPinned = parseImageReference(reference).digest !== null;
  // A pinned image can never move; only trouble that was recorded may still be healed.
  return isPinned ? entry.state === 'unreachable' : watched;
}
