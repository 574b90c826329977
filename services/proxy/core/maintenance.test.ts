import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerIn } from './header-edits.ts';
import { maintenanceAnswer } from './maintenance.ts';

describe('the answer of maintenance', () => {
  for (const [rule, type, body] of [
    [{ status: 503, page: '<h1>Soon</h1>' }, 'text/html; charset=utf-8', '<h1>Soon</h1>'],
    [{ status: 200, page: 'Bald zurück' }, 'text/plain; charset=utf-8', Buffer.from('Bald zurück').toString('latin1')],
    [{ status: 503, page: '' }, undefined, ''],
    [{ status: 418 }, 'text/plain; charset=utf-8', '418 Maintenance\n'],
    [{ status: 599 }, 'text/plain; charset=utf-8', '599 Maintenance\n'],
    [{ status: 205, page: 'never' }, undefined, ''],
  ] as const) {
    it(`to ${JSON.stringify(rule)} is as long as it says`, () => {
      const answer = maintenanceAnswer(rule)(undefined);
      assert.deepEqual([answer.status, headerIn(answer.headers, 'content-type'), answer.body], [rule.status, type, body]);
      assert.equal(headerIn(answer.headers, 'content-length'), String(body.length));
      assert.equal(headerIn(answer.headers, 'retry-after'), rule.status === 503 ? '60' : undefined);
    });
  }

  for (const status of [204, 304]) {
    it(`is a head alone with ${status}`, () => {
      const { headers, body } = maintenanceAnswer({ status, page: 'never' })(undefined);
      assert.deepEqual([headers, body], [['Cache-Control', 'private, no-store'], '']);
    });
  }

  it('is the page of every 503 where there is no other, also as JSON', () => {
    const answer = maintenanceAnswer({ status: 503 });
    assert.equal(JSON.parse(answer('application/json').body).status, 503);
    assert.equal(headerIn(answer(undefined).headers, 'retry-after'), '60');
    assert.match(answer(undefined).body, /^<!doctype html>/);
  });

  it('is another one for each request, because its headers are added to', () => {
    const answer = maintenanceAnswer({ status: 200, page: 'a' });
    answer(undefined).headers.push('Connection', 'close');
    assert.ok(!answer(undefined).headers.includes('Connection'));
  });
});
