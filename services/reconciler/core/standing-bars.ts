import type { BarRecord, ReleaseName } from '@kedge/shared/contracts';

type Bar = BarRecord['bars'][number];

/**
 * The verdicts that still count. A release is judged by the way it was declared, its gates and ports included, which are no part of its
 * name: with another declaration it gets another try. A verdict that does not say under which it was given stays.
 */
export function standingBars(bars: readonly Bar[], declaration: string | undefined): readonly Bar[] {
  return bars.filter((bar) => bar.declaration === undefined || bar.declaration === declaration);
}

/** The verdict against this release that counts; null when it may be tried. */
export function barAgainst(release: ReleaseName | null, bars: readonly Bar[], declaration: string | undefined): Bar | null {
  return standingBars(bars, declaration).find((bar) => bar.release === release) ?? null;
}
