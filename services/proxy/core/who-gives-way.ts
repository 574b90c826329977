/** What each client has of something that all share, and whose it is. */
type Shares<Share> = Iterable<readonly [client: string, share: Share]>;

/** Where all is taken: who has most, if that is more than one with `own` of it would have with one more; else nobody gives a place. */
export function whoGivesWay<Share extends { readonly size: number }>(
  shares: Shares<Share>,
  own: number,
): readonly [client: string, share: Share] | null {
  let most: readonly [string, Share] | null = null;
  for (const each of shares) if (each[1].size > (most?.[1].size ?? own + 1)) most = each;
  return most;
}
