const tickMs = 100;

/** Tells when an open stream has said nothing for too long. Time in which this process itself stood still does not count. */
export interface Silence {
  /** Something came. */
  broken(): void;
  stop(): void;
}

/** `onSilent` is called once. */
export function listenForSilence(mostMs: number, onSilent: () => void): Silence {
  let silentMs = 0;
  let lastAt = performance.now();
  const ticking = setInterval(() => {
    const now = performance.now();
    // Twice as long as asked for at most: what came while nobody could look is read after this.
    silentMs += Math.min(now - lastAt, 2 * tickMs);
    lastAt = now;
    if (silentMs < mostMs) return;
    clearInterval(ticking);
    onSilent();
  }, tickMs);
  return {
    broken: () => {
      silentMs = 0;
    },
    stop: () => clearInterval(ticking),
  };
}
