/** The settings that say how long ending may take, in milliseconds from when the proxy was asked to. */
interface StopSettings {
  readonly KEDGE_HANDOVER_TIMEOUT: number;
  readonly KEDGE_DRAIN_TIMEOUT: number;
  readonly KEDGE_PROXY_STOP_GRACE_PERIOD: number;
}

/**
 * Why the hand-over is over: another proxy serves, the reconciler knows that none will, none did in time, or nobody was to be waited for
 * (`switched-off`).
 */
export type HandOverOutcome = 'served' | 'nobody-comes' | 'too-late' | 'switched-off';

/** What is left at the end of the grace period for saying goodbye and closing the bus. */
const farewellMs = 1_000;
/** What requests get, at the least, that were accepted at the very end of a long hand-over. */
const leastDrainMs = 1_000;

/** How long the proxy goes on accepting: while nobody is known to come, and in all for somebody who is. The engine kills it later than that. */
export function handOverBounds(settings: StopSettings): { readonly withinMs: number; readonly atMostMs: number } {
  const withinMs = settings.KEDGE_HANDOVER_TIMEOUT;
  return { withinMs, atMostMs: Math.max(withinMs, settings.KEDGE_PROXY_STOP_GRACE_PERIOD - leastDrainMs - farewellMs) };
}

interface Handed {
  readonly outcome: HandOverOutcome;
  readonly drainMs: number;
  /** What the hand-over took. */
  readonly tookMs: number;
}

interface Drained extends Handed {
  /** From being asked to end until the engine kills. */
  readonly graceMs: number;
}

/**
 * How long the door may stay open after the hand-over, while what was under way then ends: with nobody in its place, whoever comes is
 * refused from when it closes. For those who come last a drain is left.
 */
export function openLeftMs({ outcome, drainMs, tookMs }: Handed): number {
  if (outcome === 'served' || outcome === 'switched-off') return 0;
  return Math.max(0, drainMs - leastDrainMs - tookMs);
}

/**
 * How long requests under way may go on once the door is closed. The hand-over counts: most of them had that time too. While another proxy
 * serves nobody waits for this one's end, and they get all that the engine gives.
 */
export function drainLeftMs({ outcome, drainMs, graceMs, tookMs }: Drained): number {
  const leftMs = Math.max(Math.min(drainMs, leastDrainMs), drainMs - tookMs);
  return outcome === 'served' ? Math.max(leftMs, graceMs - farewellMs - tookMs) : leftMs;
}

/** When the process gives up ending in order. */
export function closeWithinMs(settings: StopSettings): number {
  const { atMostMs: tookMs } = handOverBounds(settings);
  const { KEDGE_DRAIN_TIMEOUT: drainMs, KEDGE_PROXY_STOP_GRACE_PERIOD: graceMs } = settings;
  const latestMs = tookMs + drainLeftMs({ outcome: 'served', drainMs, graceMs, tookMs }) + farewellMs;
  return Math.max(drainMs + farewellMs, latestMs, graceMs);
}
