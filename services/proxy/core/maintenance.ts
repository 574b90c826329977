import type { RouteRules } from '@kedge/shared/contracts';
import { errorPage, type ShortAnswer } from './error-page.ts';

/** What everybody is answered while a service is maintained. `accept` is what the client would like to read. */
export type MaintenanceAnswer = (accept: string | undefined) => ShortAnswer;

/** These end with their head (RFC 9110 §15.3.5, §15.4.5). */
const headOnly: readonly number[] = [204, 304];
const resetContent = 205;
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  205: 'Reset Content',
  304: 'Not Modified',
  503: 'Service Unavailable',
};
/** Seconds after which whoever was told to come again may do so. */
const retryAfter = '60';

/** Makes the answer once, as far as it is the same for all. */
export function maintenanceAnswer({ status, page }: NonNullable<RouteRules['maintenance']>): MaintenanceAnswer {
  const reason = reasons[status] ?? 'Maintenance';
  const kept = ['Cache-Control', 'private, no-store', ...(status === 503 ? ['Retry-After', retryAfter] : [])];
  if (headOnly.includes(status)) return () => ({ status, reason, headers: [...kept], body: '' });
  if (page === undefined && status === 503) return (accept) => withRetry(errorPage(503, { accept }));
  const text = status === resetContent ? '' : (page ?? `${status} ${reason}\n`);
  const type = text.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  // Bodies travel as latin1 text: one character for each byte.
  const body = Buffer.from(text, 'utf8').toString('latin1');
  const content = [...(body === '' ? [] : ['Content-Type', type]), 'Content-Length', String(body.length)];
  return () => ({ status, reason, headers: [...content, ...kept], body });
}

function withRetry(answer: ShortAnswer): ShortAnswer {
  const { headers } = answer;
  return {
    ...answer,
    headers: headers.map((text, index) => (headers[index - 1] === 'Retry-After' && index % 2 === 1 ? retryAfter : text)),
  };
}
