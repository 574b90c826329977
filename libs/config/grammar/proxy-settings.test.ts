import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxySettings } from './proxy-settings.ts';

describe('the settings of the proxy', () => {
  for (const [declared, settings] of [
    [{}, {}],
    [
      { enabled: false, trust_forwarded_headers: true },
      { enabled: false, trust_forwarded_headers: true },
    ],
    // Who knows no ranges believes nobody.
    [{ trust_forwarded_headers: ['10.0.0.0/8'] }, { trust_forwarded_headers: false, trusted_proxies: ['10.0.0.0/8'] }],
  ] as const) {
    it(`of ${JSON.stringify(declared)} are ${JSON.stringify(settings)}`, () =>
      assert.deepEqual(proxySettings(structuredClone(declared) as Parameters<typeof proxySettings>[0]), settings));
  }
});
