import type { ProxyRecord } from '@kedge/shared/contracts';

const goodbyeKeptMs = 600_000;
const silentKeptMs = 3_600_000;

/** True when the record of a proxy serves nobody any more: it said goodbye a while ago, or has been silent for an hour. */
export function isStaleRecord({ goodbye, heartbeatAt }: ProxyRecord, now: Date): boolean {
  return now.getTime() - Date.parse(heartbeatAt) > (goodbye ? goodbyeKeptMs : silentKeptMs);
}
