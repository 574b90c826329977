import { type ImageEntry, type ImageReference, parseImageReference } from '@kedge/shared/contracts';
import type { DeclaredImage } from './declared-images.ts';
import { ownerOf } from './rendezvous.ts';

/** What we are doing about an image now, and with which settings it was begun. */
export interface PlannedLook {
  readonly delay: number;
  readonly watched: boolean;
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

export interface LookPlan {
  /** Look at these now. */
  readonly begin: readonly ImageReference[];
  /** Do not look at these any more. */
  readonly forget: readonly ImageReference[];
}

/** Compares what should be looked at by us with what is: newly declared images at once, those of a lost member too. */
export function planLooks({ declared, known, planned, members, self }: Situation): LookPlan {
  const mine = [...declared.values()].filter(
    (image) => needsLooks(image, known.get(image.reference)) && ownerOf(image.reference, members) === self,
  );
  const wanted = new Set(mine.map(({ reference }) => reference));
  return {
    begin: mine
      .filter(({ reference, delay, watched }) => {
        const current = planned.get(reference);
        return !current || current.delay !== delay || current.watched !== watched;
      })
      .map(({ reference }) => reference),
    forget: [...planned.keys()].filter((reference) => !wanted.has(reference)),
  };
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
