import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { recordingLog } from '@kedge/shared/testing';
import { createCredentialHelpers } from './credential-helpers.ts';

/** Real programs on PATH that speak the helper protocol, each in its own way. */
const programs = {
  good: 'read server; printf \'{"ServerURL":"%s","Username":"user of %s","Secret":"c4nary"}\' "$server" "$server"',
  deaf: 'printf \'{"Username":"u","Secret":"c4nary"}\'',
  unknown: 'echo "credentials not found in native keychain"; exit 1',
  failing: 'echo "c4nary"; echo "c4nary" >&2; exit 3',
  talking: 'echo "c4nary, not JSON"',
  hanging: 'exec sleep 60',
};

describe('credential helpers', () => {
  let folder = '';
  const path = process.env.PATH;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-helpers-'));
    for (const [name, body] of Object.entries(programs)) {
      await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\n[ "$1" = get ] || exit 9\n${body}\n`, { mode: 0o755 });
    }
    process.env.PATH = `${folder}${delimiter}${path}`;
  });
  after(async () => {
    process.env.PATH = path;
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(helper: string, server = 'r.example.com', timeoutMs = 10_000) {
    const { log, lines } = recordingLog();
    const credentials = await createCredentialHelpers({ log, timeoutMs }).get(helper, server);
    assert.ok(!lines.join('').includes('c4nary'), 'what a helper prints reached the log');
    return { credentials, log: lines.join('') };
  }

  it('asks by name, with the server on standard input', async () => {
    assert.deepEqual(await ask('good'), { credentials: { username: 'user of r.example.com', password: 'c4nary' }, log: '' });
  });

  it('takes the answer of a helper that does not read its input', async () => {
    assert.deepEqual((await ask('deaf', 'x'.repeat(200_000))).credentials, { username: 'u', password: 'c4nary' });
  });

  it('is silent when the helper knows no login', async () => assert.deepEqual(await ask('unknown'), { credentials: null, log: '' }));

  for (const [helper, reason] of [
    ['failing', /ended with 3/],
    ['talking', /not an answer of the protocol/],
    ['absent', /REGISTRY_HELPER_MISSING.*no docker-credential-absent on PATH.*docker login again/],
    ['../docker-credential-good', /no valid name/],
    ['', /no valid name/],
  ] as const) {
    it(`gives nothing and says why for "${helper}"`, async () => {
      const { credentials, log } = await ask(helper);
      assert.equal(credentials, null);
      assert.match(log, reason);
    });
  }

  it('does not wait longer than it may', async () => {
    const startedAt = performance.now();
    const { credentials, log } = await ask('hanging', 'r.example.com', 200);
    assert.equal(credentials, null);
    assert.match(log, /ended with SIGKILL/);
    assert.ok(performance.now() - startedAt < 10_000);
  });
});
