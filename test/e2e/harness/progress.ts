/** How many answers of each kind. */
export type Counts = Readonly<Record<string, number>>;

/** The kinds of which fewer than wanted came between two counts, with what came; empty when all is as wanted. */
export function shortOf(wanted: Counts, before: Counts, after: Counts): readonly string[] {
  return Object.entries(wanted).flatMap(([kind, count]) => {
    const came = (after[kind] ?? 0) - (before[kind] ?? 0);
    return came >= count ? [] : [`${kind}: ${came} of ${count}`];
  });
}
