import type { ProxyRecord } from '@kedge/shared/contracts';

/** What this reconciler has seen of one proxy, by its own monotonic clock. */
export interface ProxySighting {
  readonly record: ProxyRecord;
  /** For how long its heartbeat count has not grown while we watched and were connected. */
  readonly silentForMs: number;
  /** What the engine says of its container; null when it names none or the engine could not be asked. */
  readonly containerRuns: boolean | null;
}

/** Only `gone` does not count; `silent` is told to people, and waited for. */
export type ProxyState = 'live' | 'silent' | 'gone';

interface JudgeProxy {
  readonly sighting: ProxySighting;
  readonly connectedForMs: number;
  /** After this much silence, in a time that we were connected throughout, a proxy counts as lost. */
  readonly lostAfterMs: number;
}

/** Gone only by its own goodbye, by the engine's word, or by long silence that cannot be our own deafness. Anything less is unknown, and unknown holds the drain. */
export function judgeProxy({ sighting, connectedForMs, lostAfterMs }: JudgeProxy): ProxyState {
  const { record, silentForMs, containerRuns } = sighting;
  if (record.goodbye || containerRuns === false) return 'gone';
  if (silentForMs >= lostAfterMs && connectedForMs >= lostAfterMs) return 'gone';
  return silentForMs >= silentAfterMs ? 'silent' : 'live';
}

/** Three missed heartbeats: worth telling a person. */
const silentAfterMs = 15_000;
