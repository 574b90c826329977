interface Bound<Late> {
  /** In milliseconds. */
  readonly withinMs: number;
  /** What it throws is what the caller gets. */
  readonly instead: () => Late;
}

/** What `work` resolves to, or what `instead` gives when that takes longer. The work itself goes on, and whatever it ends with is dropped. */
export async function inTime<Result, Late>(work: Promise<Result>, { withinMs, instead }: Bound<Late>): Promise<Result | Late> {
  const late = Promise.withResolvers<Late>();
  const timer = setTimeout(() => {
    try {
      late.resolve(instead());
    } catch (thrown) {
      late.reject(thrown);
    }
  }, withinMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
