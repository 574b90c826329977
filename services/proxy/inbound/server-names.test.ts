import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { recordingLog } from '@kedge/shared/testing';
import { makeSelfSigned } from '../adapters/make-self-signed.ts';
import { fallbackHost } from '../core/certificate-host.ts';
import { buildRouteTable } from '../core/route-table.ts';
import { planSelfSigned } from '../core/self-signed.ts';
import type { Certificate, CertificateSource } from '../ports.ts';
import { createRoutes } from '../routes.ts';
import { endpoints, knownEndpoints } from '../testing/endpoints.ts';
import { shownCertificate } from '../testing/https-client.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createServerNames, type ServerNames } from './server-names.ts';

async function httpsPort(t: TestContext, folder: string, hosts: readonly string[] = ['web.test']): Promise<number> {
  const plane = await startDataPlane({ KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: folder });
  t.after(async () => await plane.close());
  plane.route([endpoints('web', [], { routes: hosts.map((host) => ({ host, path: '/' })) })], {});
  return plane.https?.port() ?? 0;
}

const make = async (host: string) => await makeSelfSigned(planSelfSigned(host, new Date()));

/** What the name leads to. */
async function choose({ options: { SNICallback } }: ServerNames, name: string): Promise<unknown> {
  return await new Promise((resolve, reject) => SNICallback?.(name, (error, context) => (error ? reject(error) : resolve(context))));
}

describe('the host that a client names', () => {
  it('is shown a certificate of its own, which it signed itself, and HTTP/2', async (t) => {
    const port = await httpsPort(t, await temporaryFolder(), ['web.test', 'api.test']);
    for (const host of ['web.test', 'api.test']) {
      const { fingerprint: _any, ...shown } = await shownCertificate(port, host);
      assert.deepEqual(shown, { subject: host, issuer: host, names: `DNS:${host}`, protocol: 'h2' });
    }
  });

  it('gets one for localhost when it has no route', async (t) => {
    const port = await httpsPort(t, await temporaryFolder());
    assert.equal((await shownCertificate(port, 'other.test')).names, 'DNS:localhost');
  });

  it('shares one with all others that have their route by the same pattern', async (t) => {
    const folder = await temporaryFolder();
    const port = await httpsPort(t, folder, ['*.web.test', 'api.web.test']);
    const [one, other] = [await shownCertificate(port, 'a.web.test'), await shownCertificate(port, 'b.web.test')];
    assert.equal(one.names, 'DNS:*.web.test');
    assert.equal(other.fingerprint, one.fingerprint);
    assert.equal((await shownCertificate(port, 'api.web.test')).names, 'DNS:api.web.test');
    const again = await shownCertificate(await httpsPort(t, folder, ['*.web.test']), 'c.web.test');
    assert.equal(again.fingerprint, one.fingerprint, 'it was saved');
    assert.deepEqual((await readdir(join(folder, 'self-signed'))).toSorted(), [
      'api.web.test.pem',
      'localhost.pem',
      'wildcard~web.test.pem',
    ]);
  });

  it('is shown one of its own however long it is', async (t) => {
    const long = `${`${'x'.repeat(62)}.`.repeat(3)}${'y'.repeat(56)}.test`;
    assert.equal(long.length, 250);
    const folder = await temporaryFolder();
    const shown = await shownCertificate(await httpsPort(t, folder, [long]), long);
    assert.equal(shown.names, `DNS:${long}`);
    const again = await shownCertificate(await httpsPort(t, folder, [long]), long);
    assert.equal(again.fingerprint, shown.fingerprint, 'it was saved');
  });

  it('is shown the same certificate after a restart, and by a second proxy', async (t) => {
    const folder = await temporaryFolder();
    const fingerprint = async () => (await shownCertificate(await httpsPort(t, folder), 'web.test')).fingerprint;
    const first = await fingerprint();
    assert.equal(await fingerprint(), first);
  });

  it('is prepared once, until its certificate is another one, which is asked for once a second', async () => {
    const routes = createRoutes();
    routes.replace(buildRouteTable(knownEndpoints([endpoints('web', [])])));
    const held = new Map<string, Certificate>([[fallbackHost, await make(fallbackHost)]]);
    held.set('web.test', await make('web.test'));
    const certificates: CertificateSource = {
      certificateFor: async (host) => held.get(host) ?? { certificate: 'none', privateKey: new Sealed('none') },
    };
    let clock = 0;
    const names = await createServerNames({ certificates, routes, log: recordingLog().log, now: () => clock });
    const first = await choose(names, 'web.test');
    assert.equal(await choose(names, 'WEB.test'), first);
    held.set('web.test', await make('web.test'));
    clock = 999;
    assert.equal(await choose(names, 'web.test'), first);
    clock = 1_000;
    assert.notEqual(await choose(names, 'web.test'), first);
  });

  it('is refused when there is no certificate to be had, and the log says why', async () => {
    const fallback = await make(fallbackHost);
    const { log, lines } = recordingLog();
    let asked = 0;
    const certificates: CertificateSource = {
      certificateFor: async () => {
        asked += 1;
        if (asked > 1) throw new Error('out of keys');
        return fallback;
      },
    };
    const names = await createServerNames({ certificates, routes: createRoutes(), log });
    await assert.rejects(choose(names, 'web.test'), /out of keys/);
    assert.equal(lines.filter((line) => line.includes('out of keys')).length, 1);
    assert.ok(!lines.some((line) => line.includes('PRIVATE')));
  });
});
