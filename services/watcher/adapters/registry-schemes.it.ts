import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import { parseImageReference } from '@kedge/shared/contracts';
import { type FakeRegistry, imageManifest, startFakeRegistry } from '../testing/fake-registry.ts';
import { basic, createTestClient, type TestClient, who } from '../testing/registry-rig.ts';
import { makeSelfSigned } from '../testing/self-signed.ts';

describe('a registry of this machine', () => {
  let tls: Awaited<ReturnType<typeof makeSelfSigned>>;
  const { signal } = new AbortController();
  const wants = { authorization: basic(), challenge: 'Basic realm="x"' };
  before(async () => {
    tls = await makeSelfSigned();
  });

  async function open(t: TestContext, listening: Parameters<typeof startFakeRegistry>[0] = {}): Promise<FakeRegistry> {
    const registry = await startFakeRegistry(listening);
    t.after(async () => await registry.close());
    registry.put('team/app', imageManifest('a'), '1');
    return registry;
  }
  async function look(client: TestClient, { host }: FakeRegistry): Promise<string> {
    const answer = await client.registry.digestOf(parseImageReference(`${host}/team/app:1`), signal);
    return answer.kind === 'trouble' ? answer.message : answer.kind;
  }
  const portOf = ({ host }: FakeRegistry) => Number(host.split(':')[1]);
  const seen = ({ requests }: FakeRegistry) => requests.map(({ method, authorization }) => `${method} ${authorization}`);

  for (const isTls of [true, false]) {
    it(`is asked ${isTls ? 'with TLS, whoever signed its certificate' : 'without TLS where it speaks none'}, with one request a look`, async (t) => {
      const registry = await open(t, isTls ? { tls } : {});
      const client = createTestClient();
      assert.deepEqual([await look(client, registry), await look(client, registry)], ['digest', 'digest']);
      assert.deepEqual(seen(registry), ['HEAD null', 'HEAD null']);
      if (!isTls) assert.equal(registry.handshakes, 1);
    });
  }

  it('is asked with TLS by its credentials, too, and for its manifests', async (t) => {
    const registry = await open(t, { tls });
    Object.assign(registry, { wants, hidesDigest: true });
    const client = Object.assign(createTestClient(), { who: who() });
    assert.equal(await look(client, registry), 'digest');
    assert.deepEqual(seen(registry), ['HEAD null', `HEAD ${basic()}`, `GET ${basic()}`]);
  });

  it('is asked with TLS from the look on that follows its first refusal to be asked without', async (t) => {
    const plain = await open(t);
    const client = createTestClient();
    assert.equal(await look(client, plain), 'digest');
    await plain.close();
    const secure = await open(t, { tls, port: portOf(plain) });
    assert.match(await look(client, secure), /cannot be reached/);
    assert.equal(await look(client, secure), 'digest');
  });

  it('is asked with TLS from the look on that follows its first HTTP 400', async (t) => {
    const plain = await open(t);
    const client = createTestClient();
    await look(client, plain);
    plain.intercept = (_request, response) => Boolean(response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.'));
    assert.match(await look(client, plain), /HTTP 400/);
    await plain.close();
    assert.equal(await look(client, await open(t, { tls, port: portOf(plain) })), 'digest');
  });

  it('is asked without TLS 10 s after it last spoke it, and not with what it was told in confidence', async (t) => {
    const secure = await open(t, { tls });
    secure.wants = { authorization: 'Bearer t', challenge: `Bearer realm="https://${secure.host}/token",service="x"` };
    secure.intercept = ({ url = '' }, response) => url.startsWith('/token') && Boolean(response.end('{"token":"t","expires_in":3600}'));
    const client = Object.assign(createTestClient(), { who: who() });
    assert.equal(await look(client, secure), 'digest');
    assert.deepEqual(seen(secure), ['HEAD null', `GET ${basic()}`, 'HEAD Bearer t']);
    await secure.close();

    const plain = await open(t, { port: portOf(secure) });
    client.clock.advance(4_999);
    assert.match(await look(client, plain), /closed the connection|does not speak TLS/);
    client.clock.advance(5_000);
    assert.match(await look(client, plain), /does not speak TLS .* after 10 s/);
    assert.deepEqual(seen(plain), []);
    client.clock.advance(1);
    assert.equal(await look(client, plain), 'digest');
    assert.deepEqual(seen(plain), ['HEAD null']);
  });

  it('that was gone for a while is asked with TLS again', async (t) => {
    const first = await open(t, { tls });
    const client = createTestClient();
    await look(client, first);
    await first.close();
    client.clock.advance(3_600_000);
    for (let looks = 0; looks < 2; looks += 1) assert.match(await look(client, first), /cannot be reached/);
    assert.equal(await look(client, await open(t, { tls, port: portOf(first) })), 'digest');
  });
});
