import { longestTimerMs, parseDurationMs } from '@kedge/shared/kernel';
import { z } from 'zod';

const duration = (standard: string) => z.string().default(standard).transform(toMilliseconds);
const count = (standard: number) => z.coerce.number().int().min(1).default(standard);

const port = z.coerce.number().int().min(0).max(65_535);

const settings = z.object({
  /** Address of the listener. The default takes IPv6 and IPv4; where there is no IPv6, IPv4 alone. */
  KEDGE_HTTP_HOST: z.string().default('::'),
  /** Port of the listener; 0 picks a free one. */
  KEDGE_HTTP_PORT: port.default(80),
  /** Port of the listener for HTTPS, on the same address; without one there is none. 0 picks a free one. */
  KEDGE_HTTPS_PORT: port.optional(),
  /** Where certificates come from, those of that listener and of ports with TLS. */
  KEDGE_CERTIFICATES: z.enum(['none', 'self-signed']).default('none'),
  /** File of routes, in the place of the bus: the proxy runs alone. */
  KEDGE_ROUTES: z.string().optional(),
  /** Folder for the last known routes, so that a restart serves them although the bus is away, and for self-signed certificates. */
  KEDGE_STATE_DIR: z.string().default('/var/lib/kedge/proxy'),
  /** Open connections of one client (IPv6: of its /64); `0`: without bound. */
  KEDGE_CLIENT_CONNECTIONS: z.coerce.number().int().min(0).default(1_000),
  /** Bytes that the head of a request may have. */
  KEDGE_CLIENT_HEADER_BYTES: z.coerce.number().int().min(1_024).max(1_048_576).default(16_384),
  /** Header lines that a request may have. */
  KEDGE_CLIENT_HEADER_COUNT: count(200),
  /** How long an idle client connection stays open. */
  KEDGE_CLIENT_IDLE: duration('75s'),
  /** How long a request head may take to arrive. */
  KEDGE_CLIENT_HEADERS: duration('60s'),
  /** How long an upload may pause before it is given up. */
  KEDGE_UPLOAD_IDLE: duration('60s'),
  /**
   * How long a client may take nothing of an answer that waits for it, before its connection is ended; `0s`: for ever. Its kernel may tell only
   * after some hundred KB that it read something: the slower it reads, the longer it looks idle.
   */
  KEDGE_DOWNLOAD_IDLE: duration('5m'),
  /** How long connecting to a target may take before the next one is asked. */
  KEDGE_CONNECT_TIMEOUT: duration('5s'),
  /** How long a target may take until the head of its answer; `0s` waits for ever. */
  KEDGE_ANSWER_TIMEOUT: duration('0s'),
  /** How long an idle connection to a target is kept; stays below the 5 s after which many servers close theirs. */
  KEDGE_UPSTREAM_IDLE: duration('4s'),
  /** Connections to one target. */
  KEDGE_UPSTREAM_CONNECTIONS: count(8_192),
  /** Requests that may wait for a connection to one target. */
  KEDGE_UPSTREAM_QUEUE: count(8_192),
  /** How long a request may wait while a service is between two containers. */
  KEDGE_HOLD_TIMEOUT: duration('30s'),
  /** Requests that may wait at the same time, for this or for a target that can be connected to. */
  KEDGE_HOLD_LIMIT: count(1_000),
  /** How long after the first failed connection a request goes on looking for a target that takes it; `0s`: not at all. */
  KEDGE_CONNECT_RETRY: duration('2s'),
  /** When the proxy is asked to end: how long it goes on accepting, while nobody is known to take its place; `0s`: not at all, whoever comes. */
  KEDGE_HANDOVER_TIMEOUT: duration('3s'),
  /**
   * When the proxy is asked to end: how long requests under way may take, the hand-over included; while another one serves, nearly the grace
   * period. Keep it below that.
   */
  KEDGE_DRAIN_TIMEOUT: duration('4s'),
  /** How long the engine lets the proxy end before it kills it: a replacement that is known to come is waited for nearly as long. */
  KEDGE_PROXY_STOP_GRACE_PERIOD: duration('10s'),
});

/** Settings of the proxy, from environment variables. Durations as Compose writes them (`500ms`, `30s`); `0s` switches a bound off. */
export const ProxyConfig = settings.superRefine(({ KEDGE_HTTP_PORT: http, KEDGE_HTTPS_PORT: https, KEDGE_CERTIFICATES }, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['KEDGE_HTTPS_PORT'], message });
  if (https === undefined) return;
  if (KEDGE_CERTIFICATES === 'none') refuse('HTTPS needs certificates; set KEDGE_CERTIFICATES to self-signed, or leave this port out');
  // They would share it, and each client would meet either.
  if (https === http && https !== 0) refuse(`KEDGE_HTTP_PORT is ${http} too; choose another port`);
});
export type ProxyConfig = z.infer<typeof ProxyConfig>;

function toMilliseconds(text: string, context: z.core.$RefinementCtx): number {
  try {
    const ms = parseDurationMs(text);
    if (ms <= longestTimerMs) return ms;
    const mostHours = Math.floor(longestTimerMs / 3_600_000);
    context.issues.push({
      code: 'custom',
      input: text,
      message: `"${text}" is too long; at most ${mostHours}h, and 0s switches a bound off`,
    });
    return z.NEVER;
  } catch (thrown) {
    context.issues.push({ code: 'custom', input: text, message: thrown instanceof Error ? thrown.message : String(thrown) });
    return z.NEVER;
  }
}
