import type { Handled } from './bus.ts';

interface Addressed {
  /** The node that the command is for. */
  readonly of: string;
  /** The node that took it from the durable, which all nodes of a bus share. */
  readonly by: string;
  /** Whether somebody is there for that node. */
  readonly present: boolean;
  /** How long ago it was said, in milliseconds. */
  readonly ageMs: number;
  /** A number in [0, 1), handed in so that the decision stays a pure function. */
  readonly random: number;
}

/** How long a command waits for its own node, which may be starting; then nobody will come for it. */
const patienceMs = 10 * 60_000;
/** In the middle: the server gives it to whoever asks next, and that is soon the right one, if there is one. */
const shortWaitMs = 1_000;
/** However long its node is away, in the middle: it may come back, and what was asked of it must not wait for long. */
const longestWaitMs = 30_000;

/**
 * What becomes of a command of another node: it is left to that one; null when it is ours. While that node is away, the older it is, the
 * longer until it is offered again: thousands of them would otherwise keep everybody else busy with passing them on.
 */
export function leaveToOthers({ of, by, present, ageMs, random }: Addressed): Extract<Handled, { kind: 'later' | 'rejected' }> | null {
  if (of === by) return null;
  // Two readers that ask by turns would, without chance, give the same one to the wrong one again and again.
  const middleMs = present ? shortWaitMs : Math.min(Math.max(shortWaitMs, ageMs / 8), longestWaitMs);
  const afterMs = middleMs * (0.5 + random);
  if (ageMs < patienceMs) return { kind: 'later', afterMs: Math.round(afterMs) };
  return { kind: 'rejected', reason: `it is for node ${of}, of which nobody took it; this is node ${by}` };
}
