import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import { buildRouteTable } from '../core/route-table.ts';
import { createRoutes } from '../routes.ts';
import { endpoints, knownEndpoints } from '../testing/endpoints.ts';
import { shownCertificate } from '../testing/https-client.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { keepNameless } from './nameless-clients.ts';

const tableOf = (...hosts: readonly string[]) =>
  buildRouteTable(knownEndpoints([endpoints('web', [], { routes: hosts.map((host) => ({ host, path: '/' })) })]));

/** Certificates of paper; a test may take them away. */
function arrange(t: TestContext) {
  const routes = createRoutes();
  const shown: string[] = [];
  const state = { generation: 1, fails: false };
  const { log, lines } = recordingLog();
  const certificateFor = async (host: string) => {
    if (state.fails) throw new Error('out of keys');
    return { certificate: `${host} ${state.generation}`, privateKey: new Sealed('hunter2') };
  };
  const kept = keepNameless({ certificates: { certificateFor }, routes, log }, ({ certificate }) => void shown.push(certificate));
  t.after(async () => await kept.close());
  return { routes, shown, state, lines, kept };
}

describe('what clients are shown that name no host', () => {
  it('follows the routes, and is told only when it is another one', async (t) => {
    const { routes, shown } = arrange(t);
    await waitUntil(() => shown.length === 1);
    routes.replace(tableOf('web.test'));
    await waitUntil(() => shown.length === 2);
    routes.replace(tableOf('web.test', 'x.test'));
    routes.replace(tableOf('web.test', 'api.test'));
    await waitUntil(() => shown.at(-1) === 'api.test 1');
    assert.deepEqual(shown, ['localhost 1', 'web.test 1', 'api.test 1']);
  });

  it('stays while no other can be had, and the log says why', async (t) => {
    const { routes, shown, state, lines } = arrange(t);
    await waitUntil(() => shown.length === 1);
    state.fails = true;
    routes.replace(tableOf('web.test'));
    await waitUntil(() => lines.some((line) => line.includes('out of keys')));
    assert.deepEqual(shown, ['localhost 1']);
    state.fails = false;
    routes.replace(tableOf('web.test'));
    await waitUntil(() => shown.at(-1) === 'web.test 1');
    assert.ok(!lines.some((line) => line.includes('hunter2')));
  });

  it('is left as it is once the listener is closed', async (t) => {
    const { routes, shown, kept } = arrange(t);
    await waitUntil(() => shown.length === 1);
    await kept.close();
    routes.replace(tableOf('web.test'));
    assert.deepEqual(shown, ['localhost 1']);
  });

  it('is on an open door another one as soon as the routes are others, an address too', async (t) => {
    const environment = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder() };
    const plane = await startDataPlane(environment);
    t.after(async () => await plane.close());
    const port = plane.https?.port() ?? 0;
    assert.equal((await shownCertificate(port)).names, 'DNS:localhost');
    for (const [host, names] of [
      ['web.test', 'DNS:web.test'],
      ['192.0.2.1', 'IP Address:192.0.2.1'],
    ] as const) {
      plane.route([endpoints('web', [], { routes: [{ host, path: '/' }] })], {});
      await waitUntil(async () => (await shownCertificate(port)).names === names);
    }
    const { protocol } = await shownCertificate(port);
    assert.equal(protocol, 'h2', 'and the rest of what the door agrees on is the same');
  });
});
