/** A removal that waits until another service serves what it gives to that one. */
export interface ToldHandOver {
  readonly why: string;
  readonly heir: string;
}

/** As the reconciler writes it, in a plan alone and in a status behind why the service leaves. */
const told = /^(?:it is declared no more; )?(?<why>.* moves to (?<heir>\S+) when that serves)$/s;

/** What a removal waits for, of the words about it; null where they tell of nothing. */
export function handOverTold(words: string): ToldHandOver | null {
  const { why, heir } = told.exec(words)?.groups ?? {};
  return why === undefined || heir === undefined ? null : { why, heir };
}
