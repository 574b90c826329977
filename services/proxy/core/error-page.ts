/** Statuses that the proxy itself answers with. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 413 | 417 | 429 | 431 | 500 | 501 | 502 | 503 | 504 | 505;

/** A short answer of the proxy's own. */
export interface ShortAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names and values take turns; `Content-Length` included. */
  readonly headers: string[];
  readonly body: string;
}

/** Says what went wrong. It names neither versions nor targets. */
export interface ErrorPage extends ShortAnswer {
  readonly status: ErrorStatus;
}

const reasons: Readonly<Record<ErrorStatus, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  417: 'Expectation Failed',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

const messages: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request is not valid.',
  401: 'A user name and a password are needed here.',
  403: 'This is not for your address.',
  404: 'No service answers for this address.',
  405: 'This method is not supported.',
  408: 'The request took too long to arrive.',
  413: 'The request is larger than is accepted here.',
  417: 'What the request expects is not supported.',
  429: 'There were too many requests. Please try again later.',
  431: 'The request headers are too large.',
  500: 'The request could not be handled.',
  501: 'The request uses something that is not supported.',
  502: 'The service did not answer properly.',
  503: 'The service is not available at the moment. Please try again shortly.',
  504: 'The service took too long to answer.',
  505: 'This version of HTTP is not supported.',
};

/** What whoever runs this site can do about it, where it is theirs to do. */
const advices: Partial<Readonly<Record<ErrorStatus, string>>> = {
  404: 'If this is your site: no route has this host and path; "kedge status" lists those that there are.',
  500: 'If this is your site: the log of the proxy says what went wrong.',
  502: 'If this is your site: "kedge status" and the log of the service say what is wrong with it.',
  503: 'If this is your site: "kedge status" says what the service waits for.',
  504: 'If this is your site: the log of the service says what takes so long; KEDGE_ANSWER_TIMEOUT says how long the proxy waits.',
};

/** Seconds that a client should wait before it asks again after 503. */
const retryAfterSeconds = '2';

/** Makes the page, in ASCII: JSON for whoever prefers it over HTML, short HTML for everybody else. `detail` adds a sentence. */
export function errorPage(
  status: ErrorStatus,
  { accept = '', detail }: { readonly accept?: string | undefined; readonly detail?: string | undefined } = {},
): ErrorPage {
  const reason = reasons[status];
  const message = detail === undefined ? messages[status] : `${messages[status]} ${capitalised(detail.replaceAll(/[^ -~]/g, '?'))}.`;
  const advice = advices[status];
  const json = prefersJson(accept);
  const body = json
    ? `${JSON.stringify({ status, error: reason, message, ...(advice !== undefined && { advice }) })}\n`
    : `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${status} ${reason}</title></head><body><h1>${status} ${reason}</h1>${paragraphs(message, advice)}</body></html>\n`;
  return {
    status,
    reason,
    headers: [
      'Content-Type',
      json ? 'application/json' : 'text/html; charset=utf-8',
      'Content-Length',
      String(body.length),
      'Cache-Control',
      'private, no-store',
      ...(status === 503 ? ['Retry-After', retryAfterSeconds] : []),
      ...(status === 405 ? ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] : []),
    ],
    body,
  };
}

/** The raw bytes of an HTTP/1.1 answer after which the connection closes, for sockets that have no answer object. */
export function rawAnswer({ status, reason, headers, body }: ShortAnswer): string {
  let head = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${head}Connection: close\r\n\r\n${body}`;
}

/** True when `Accept` (RFC 9110 §12.5.1) gives JSON a higher weight than HTML. */
function prefersJson(accept: string): boolean {
  if (!accept.includes('json')) return false;
  let json = 0;
  let html = 0;
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (type === 'application/json' || type.endsWith('+json')) json = Math.max(json, quality);
    if (type === 'text/html' || type === 'application/xhtml+xml') html = Math.max(html, quality);
  }
  return json > html;
}

function paragraphs(...texts: readonly (string | undefined)[]): string {
  return texts.map((text) => (text === undefined ? '' : `<p>${escapeHtml(text)}</p>`)).join('');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
