import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SecretableText, ServiceSpec } from '@kedge/shared/contracts';
import { keepFingerprints } from './keep-fingerprints.ts';

const secret = (fingerprint: string, ref = 'web/service.toml#/env/A') => ({ ref, fingerprint });
const spec = (text: SecretableText) =>
  ServiceSpec.parse({
    service: {
      name: 'web',
      image: 'nginx',
      command: ['run', text],
      entrypoint: [text],
      labels: { a: text },
      healthcheck: { test: ['CMD', text] },
      logging: { options: { token: text } },
    },
    env: { A: text, B: 'plain' },
    dispenser: { watch: true },
  });
const kept = (next: SecretableText, stored?: SecretableText, baseline = new Map<string, string>()) =>
  keepFingerprints(spec(next), { stored: stored === undefined ? undefined : spec(stored), baseline });

describe('fingerprints of a lost key', () => {
  it('are kept wherever a secret may stand when only the key differs', () => {
    assert.deepEqual(kept(secret('new:1'), secret('old:9')).spec, spec(secret('old:9')));
  });

  it('are replaced when the same key says that the value changed', () => {
    assert.deepEqual(kept(secret('old:2'), secret('old:9')).spec, spec(secret('old:2')));
  });

  it('are replaced when another place is meant, or the text was plain before, or is plain now', () => {
    const elsewhere = secret('new:1', 'web/service.toml#/env/Z');
    assert.deepEqual(kept(elsewhere, secret('old:9')).spec, spec(elsewhere));
    assert.deepEqual(kept(secret('new:1'), 'plain').spec, spec(secret('new:1')));
    assert.deepEqual(kept('plain', secret('old:9')).spec, spec('plain'));
  });

  it('are as they come for a new service', () => {
    assert.deepEqual(kept(secret('new:1')).spec, spec(secret('new:1')));
  });

  it('give way to the new key once the value changes under it', () => {
    const first = kept(secret('new:1'), secret('old:9'));
    const again = keepFingerprints(spec(secret('new:1')), { stored: first.spec, baseline: first.seen });
    assert.deepEqual(again.spec, spec(secret('old:9')));
    const changed = keepFingerprints(spec(secret('new:2')), { stored: again.spec, baseline: again.seen });
    assert.deepEqual(changed.spec, spec(secret('new:2')));
  });

  it('leave a spec in which nothing is kept as the very same value', () => {
    const plain = ServiceSpec.parse({ service: { name: 'web', image: 'nginx' }, dispenser: { watch: true } });
    const copy = structuredClone(plain);
    assert.equal(keepFingerprints(plain, { stored: copy, baseline: new Map() }).spec, plain);
    const withSecret = spec(secret('key:1'));
    assert.equal(keepFingerprints(withSecret, { stored: structuredClone(withSecret), baseline: new Map() }).spec, withSecret);
  });
});
