import type { ServiceSpec } from '@kedge/shared/contracts';
import { parseDurationMs } from '@kedge/shared/kernel';

/** How long the end of an old container may take. */
export interface Timings {
  /** For proofs that its requests ended, from the switch. */
  readonly drainMs: number;
  /** For internal callers to learn that the name moved. */
  readonly settleMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
}

/** The defaults where nothing is declared: 30 s, 5 s, 10 s. */
export function timingsOf(spec: ServiceSpec | null): Timings {
  return {
    drainMs: parseDurationMs(spec?.drain?.timeout ?? '30s'),
    settleMs: parseDurationMs(spec?.drain?.dns_settle ?? '5s'),
    graceMs: parseDurationMs(spec?.service.stop_grace_period ?? '10s'),
  };
}
