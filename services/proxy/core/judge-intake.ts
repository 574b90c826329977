/** What of its answers a connection has taken, and what still waits for it. */
export interface Intake {
  /** What the kernel has taken over from this process. It does so in leaps of up to a megabyte, so between two of them this says nothing. */
  readonly takenBytes: number;
  readonly waitingBytes: number;
  /** What waits in the kernel until the client confirms it; null: nobody asked, or nobody knows. */
  readonly queuedBytes: number | null;
}

/** What was seen at the last look. */
export interface SeenIntake extends Intake {
  /** Looks in a row, this one included, since which something waited and nothing of it was taken. */
  readonly idleLooks: number;
}

/** How many looks there are to one time-out: who is given up had all of it, and a half more at the most. */
export const looksToEach = 4;

/** True when something waits and the kernel took over nothing since the last look: whether the client takes anything, only its queue can tell. */
export function isInDoubt(before: SeenIntake | null, { takenBytes, waitingBytes }: Omit<Intake, 'queuedBytes'>): boolean {
  return before !== null && before.waitingBytes > 0 && waitingBytes > 0 && takenBytes === before.takenBytes;
}

/** Compares a look with the one before; null: it is the first. Who is in doubt, and nobody knows more, is not idle. */
export function judgeIntake(before: SeenIntake | null, now: Intake): SeenIntake {
  const { queuedBytes } = now;
  // An empty queue: the client took everything that there was.
  const isIdle = before !== null && isInDoubt(before, now) && queuedBytes !== null && queuedBytes > 0 && queuedBytes === before.queuedBytes;
  return { ...now, idleLooks: isIdle ? before.idleLooks + 1 : 0 };
}

/** True when the client had the whole time. */
export function isGivenUp({ idleLooks }: SeenIntake): boolean {
  return idleLooks >= looksToEach;
}
