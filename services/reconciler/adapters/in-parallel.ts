/** Results in the order of the items, with at most `limit` of them worked on at once. The first failure rejects. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  { limit, work }: { readonly limit: number; readonly work: (item: Item) => Promise<Result> },
): Promise<Result[]> {
  const results: Result[] = [];
  const next = items.entries();
  async function worker(): Promise<void> {
    for (const [index, item] of next) results[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
