import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { Digest, ReleaseName } from './names.ts';
import { releaseName } from './release-name.ts';
import { ServiceSpec } from './service-spec.ts';

const Golden = z.array(z.object({ name: z.string(), spec: ServiceSpec, digest: Digest, release: ReleaseName }));
const golden = Golden.parse(JSON.parse(await readFile(new URL('release-name.golden.json', import.meta.url), 'utf8')));
const digest = Digest.parse(`sha256:${'0'.repeat(64)}`);

function spec(change: Partial<ServiceSpec> = {}): ServiceSpec {
  return ServiceSpec.parse({
    service: { name: 'web', image: 'nginx:1' },
    dispenser: { watch: true },
    ...change,
  });
}

describe('the name of a release', () => {
  for (const { name, spec: declared, digest: pulled, release } of golden) {
    it(`is for ever the same for ${name}`, () => assert.equal(releaseName(declared, pulled), release));
  }

  it('ignores the order in which keys were written', () => {
    const one = ServiceSpec.parse({ ...spec(), env: { A: '1', B: '2' } });
    const other = ServiceSpec.parse({ env: { B: '2', A: '1' }, ...spec() });
    assert.equal(releaseName(one, digest), releaseName(other, digest));
  });

  it('stays when only routes or behaviour change', () => {
    const changed = spec({
      dispenser: { watch: false, cron: '0 5 * * *', pull: 'always' },
      proxy: { host: 'a.example', service_port: 80 },
      gate: [{ type: 'http', path: '/up' }],
      depends_on: { db: 'healthy' },
      drain: { timeout: '5s' },
    });
    assert.equal(releaseName(changed, digest), releaseName(spec(), digest));
  });

  it('stays when the number of replicas changes: containers are added or removed, not replaced', () => {
    const more = spec({ service: { ...spec().service, replicas: 3 } });
    assert.equal(releaseName(more, digest), releaseName(spec(), digest));
  });

  it('changes with the digest, the environment and a fingerprint', () => {
    const names = new Set([
      releaseName(spec(), digest),
      releaseName(spec(), Digest.parse(`sha256:${'1'.repeat(64)}`)),
      releaseName(spec({ env: { A: '1' } }), digest),
      releaseName(spec({ env: { A: { ref: 'r', fingerprint: 'k:1' } } }), digest),
      releaseName(spec({ env: { A: { ref: 'r', fingerprint: 'k:2' } } }), digest),
    ]);
    assert.equal(names.size, 5);
  });
});
