import type { Trouble } from './registry-answer.ts';

/** A registry that asks for more is asked again after this time anyway. */
export const longestPauseMs = 3_600_000;

/** The trouble of an answer that asks for a pause; null when it asks for none. A 503 that tells no time is a failure like others. */
export function pauseAskedBy(
  { status, headers }: { readonly status: number; readonly headers: Headers },
  now: Date,
): Omit<Trouble, 'message'> | null {
  const retryAfterMs = parseRetryAfterMs(headers.get('retry-after'), now);
  if (status !== 429 && (status !== 503 || retryAfterMs === null)) return null;
  return { kind: 'trouble', code: 'REGISTRY_RATE_LIMITED', ...(retryAfterMs === null ? {} : { retryAfterMs }) };
}

/** Milliseconds of a `Retry-After` header, in seconds or as a date (RFC 9110 §10.2.3); null when there is none or it makes no sense. */
export function parseRetryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const text = header.trim();
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  const isDate = /^[a-z]{3}.* GMT$/i.test(text);
  const ms = isSeconds ? Number(text) * 1_000 : isDate ? Date.parse(text) - now.getTime() : Number.NaN;
  return Number.isNaN(ms) ? null : Math.round(Math.min(Math.max(ms, 0), longestPauseMs));
}
