/** So long after a registry last spoke TLS it is not asked without, in milliseconds. */
export const tlsHoldMs = 10_000;

/** How a registry that may speak plain HTTP is asked. */
export interface SpokenScheme {
  readonly isTls: boolean;
  /** Its last answer made sense, so the next question needs no new handshake. */
  readonly holds: boolean;
  /** When it last spoke TLS, in milliseconds that never jump; null where that was not seen. */
  readonly tlsAtMs: number | null;
}

interface Handshake {
  readonly before: SpokenScheme | null;
  /** Whether it shook hands now. */
  readonly speaksTls: boolean;
  readonly nowMs: number;
}

/**
 * How to ask after a handshake was tried: with TLS where it spoke TLS, now or less than 10 s ago. Who restarts a registry, or stands
 * between us for a moment, gets nothing in the open that was meant for TLS; a registry that gave TLS up for good is found 10 s later.
 */
export function schemeAfter({ before, speaksTls, nowMs }: Handshake): SpokenScheme {
  if (speaksTls) return { isTls: true, holds: false, tlsAtMs: nowMs };
  const tlsAtMs = before?.tlsAtMs ?? null;
  return { isTls: tlsAtMs !== null && nowMs - tlsAtMs < tlsHoldMs, holds: false, tlsAtMs };
}

/** What is known after a question: an answer that makes sense keeps it, anything else lets it be found out anew. */
export function afterAnswer(scheme: SpokenScheme, { isSound, nowMs }: { readonly isSound: boolean; readonly nowMs: number }): SpokenScheme {
  return { ...scheme, holds: isSound, tlsAtMs: isSound && scheme.isTls ? nowMs : scheme.tlsAtMs };
}
