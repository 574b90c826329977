import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSecretSource } from './secret-source.ts';

const name = 'projects/123456789012/secrets/DB_PASSWORD';

describe('readSecretSource', () => {
  it('reads a source, with the newest version unless it says another', () => {
    assert.deepEqual(readSecretSource({ source: 'google', name }), { ok: true, source: { source: 'google', name, version: 'latest' } });
    assert.deepEqual(readSecretSource({ source: 'google', name, version: '2' }), {
      ok: true,
      source: { source: 'google', name, version: '2' },
    });
  });

  for (const value of ['text', 5, null, ['source'], { name }, new Date(0)]) {
    it(`takes ${JSON.stringify(value)} for no source`, () => assert.equal(readSecretSource(value), null));
  }

  for (const [value, message] of [
    [{ source: 'vault', name }, /not known/],
    [{ source: 'google' }, /full name/],
    [{ source: 'google', name: 'c4nary' }, /full name/],
    [{ source: 'google', name: `${name}/versions/2` }, /without its version/],
    [{ source: 'google', name, version: 2 }, /is text/],
    [{ source: 'google', name, version: 'c4nary/2' }, /is text/],
    [{ source: 'google', name, versoin: 'c4nary' }, /no key of that name/],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} without quoting it`, () => {
      const reading = readSecretSource(value);
      assert.ok(reading && !reading.ok);
      assert.match(reading.message, message);
      assert.ok(!reading.message.includes('c4nary'));
      if ('versoin' in value) assert.equal(reading.nearest, 'version');
    });
  }
});
