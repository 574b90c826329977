import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorPage, rawAnswer } from './error-page.ts';

describe('error pages', () => {
  const accepts: readonly (readonly [accept: string | undefined, type: string])[] = [
    [undefined, 'text/html; charset=utf-8'],
    ['*/*', 'text/html; charset=utf-8'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html; charset=utf-8'],
    ['application/json', 'application/json'],
    ['application/problem+json, text/html;q=0.5', 'application/json'],
    ['text/html, application/json;q=0.9', 'text/html; charset=utf-8'],
  ];
  for (const [accept, type] of accepts)
    it(`speak ${type} to ${accept ?? 'nobody in particular'}`, () => assert.equal(errorPage(502, { accept }).headers[1], type));

  it('say how long they are and when to come back', () => {
    const { headers, body } = errorPage(503, { accept: 'application/json' });
    assert.equal(headers[headers.indexOf('Content-Length') + 1], String(Buffer.byteLength(body)));
    assert.match(headers[headers.indexOf('Retry-After') + 1] ?? '', /^[1-9]$/);
    assert.deepEqual(JSON.parse(body), {
      status: 503,
      error: 'Service Unavailable',
      message: 'The service is not available at the moment. Please try again shortly.',
      advice: 'If this is your site: "kedge status" says what the service waits for.',
    });
    assert.ok(!errorPage(502).headers.includes('Retry-After'));
  });

  it('escape what the reason quotes', () => {
    assert.ok(errorPage(400, { detail: 'Connection may not name "<script>"' }).body.includes('&lt;script&gt;'));
  });

  it('stay ASCII whatever the reason quotes, so that their length is right in any encoding', () => {
    const { headers, body } = errorPage(400, { detail: 'Connection may not name "h\xf6st"' });
    assert.equal(headers[headers.indexOf('Content-Length') + 1], String(Buffer.byteLength(body)));
  });

  it('close the connection when they are written raw', () => {
    const raw = rawAnswer(errorPage(400));
    assert.match(raw, /^HTTP\/1\.1 400 Bad Request\r\n(?:[^\r\n]+\r\n)*Connection: close\r\n\r\n<!doctype html>/);
  });
});
