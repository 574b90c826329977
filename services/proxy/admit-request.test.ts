import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { admitRequest } from './admit-request.ts';
import { arrivedByHttp1 } from './arrivals.ts';
import { buildRouteTable } from './core/route-table.ts';
import { createRoutes } from './routes.ts';
import { knownEndpoints } from './testing/endpoints.ts';
import { sendRaw } from './testing/raw-http.ts';

interface Circumstances {
  readonly trust?: boolean;
  readonly gone?: boolean;
  readonly httpsPort?: number | null;
}

/** What is decided about a request that came in over a real connection. */
async function admit(t: TestContext, head: string, { trust = false, gone = false, httpsPort = null }: Circumstances = {}) {
  const routes = createRoutes();
  routes.replace(buildRouteTable(knownEndpoints([], { trust_forwarded_headers: trust })));
  const decided = Promise.withResolvers<ReturnType<typeof admitRequest>>();
  const decide = (request: IncomingMessage) => {
    if (gone) request.socket.destroy();
    decided.resolve(admitRequest(arrivedByHttp1(request), { routes, httpsPort: () => httpsPort, maxHeaders: 200 }));
    request.socket.destroy();
  };
  const server = createServer(decide);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  await sendRaw(typeof address === 'object' && address ? address.port : 0, `GET /a HTTP/1.1\r\n${head}\r\n`);
  return await decided.promise;
}

function headerOf(admission: ReturnType<typeof admitRequest>, name: string): string | undefined {
  if (admission.kind !== 'admitted') return undefined;
  const at = admission.asked.headers.indexOf(name);
  return at === -1 ? undefined : admission.asked.headers[at + 1];
}

describe('a request that comes in', () => {
  it('is admitted with the headers that say who asked', async (t) => {
    const admission = await admit(t, 'Host: web.test\r\nX-Forwarded-For: 192.0.2.1\r\n');
    assert.equal(admission.kind, 'admitted');
    assert.equal(headerOf(admission, 'X-Forwarded-For'), '127.0.0.1');
  });

  it('is believed where the settings say that a proxy of ours stands before this one', async (t) => {
    const admission = await admit(t, 'Host: web.test\r\nX-Forwarded-For: 192.0.2.1\r\n', { trust: true });
    assert.equal(headerOf(admission, 'X-Forwarded-For'), '192.0.2.1, 127.0.0.1');
  });

  it('has to be asked again by HTTPS where that is served, unless it came in by HTTPS before a proxy of ours', async (t) => {
    const plain = await admit(t, 'Host: web.test:8080\r\n', { httpsPort: 8443 });
    assert.equal(plain.kind === 'redirect' && plain.answer.headers.at(-1), 'https://web.test:8443/a');
    const claimed = 'Host: web.test\r\nX-Forwarded-Proto: https\r\n';
    assert.equal((await admit(t, claimed, { httpsPort: 8443 })).kind, 'redirect');
    assert.equal((await admit(t, claimed, { httpsPort: 8443, trust: true })).kind, 'admitted');
    const byTwo = await admit(t, 'Host: web.test\r\nX-Forwarded-Proto: https, http\r\n', { httpsPort: 8443, trust: true });
    assert.equal(headerOf(byTwo, 'X-Forwarded-Proto'), 'https, http', 'admitted, and passed on as it was');
  });

  it('is refused when it is ambiguous', async (t) => {
    const admission = await admit(t, 'Host: web.test\r\nHost: other.test\r\n');
    assert.deepEqual(admission, { kind: 'refuse', status: 400, reason: 'there are two Host headers' });
  });

  it('is nobody’s when the client went away', async (t) => {
    assert.deepEqual(await admit(t, 'Host: web.test\r\n', { gone: true }), { kind: 'gone' });
  });
});
