import type { Handled } from './bus.ts';

interface Addressed {
  /** The node that the command is for. */
  readonly of: string;
  /** The node that took it from the durable, which all nodes of a bus share. */
  readonly by: string;
  /** How long ago it was said, in milliseconds. */
  readonly ageMs: number;
}

/** How long a command waits for its own node, which may be starting; then nobody will come for it. */
const patienceMs = 10 * 60_000;
/** The server gives it to whoever asks next: with several nodes that is soon the right one. */
const againMs = 1_000;

/** What becomes of a command of another node: it is left to that one; null when it is ours. */
export function leaveToOthers({ of, by, ageMs }: Addressed): Extract<Handled, { kind: 'later' | 'rejected' }> | null {
  if (of === by) return null;
  if (ageMs < patienceMs) return { kind: 'later', afterMs: againMs };
  return { kind: 'rejected', reason: `it is for node ${of}, of which nobody took it; this is node ${by}` };
}
