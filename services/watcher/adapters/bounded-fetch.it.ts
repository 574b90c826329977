import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer } from 'node:net';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { parseImageReference } from '@kedge/shared/contracts';
import { imageManifest, startFakeRegistry } from '../testing/fake-registry.ts';
import { basic, setUpRegistry, unknownDigest, who } from '../testing/registry-rig.ts';
import { boundedFetch } from './bounded-fetch.ts';

describe('an exchange with a registry', () => {
  const rig = setUpRegistry();
  const { signal } = new AbortController();
  const bad = (reason: string) => ({
    kind: 'trouble',
    code: 'REGISTRY_BAD_ANSWER',
    message: `${rig.fake.host} answered nonsense: ${reason}`,
  });

  it('refuses an answer without an end', async () => {
    rig.fake.intercept = (_request, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(5 * 1024 * 1024));
      return true;
    };
    assert.deepEqual(await rig.manifestOf(unknownDigest), bad('its answer is longer than 4194304 bytes'));
  });

  it('refuses a redirect to another scheme', async () => {
    rig.fake.intercept = (_request, response) => Boolean(response.writeHead(302, { location: 'https://example.com/x' }).end());
    assert.deepEqual(await rig.digestOf(), bad('it redirects to where it must not'));
  });

  it('refuses a redirect from elsewhere to this machine or its link', async () => {
    const asked: string[] = [];
    const inside = createHttpServer(({ url = '' }, response) => response.end(asked.push(url).toString())).listen(0, '127.0.0.1');
    await once(inside, 'listening');
    try {
      const { port } = inside.address() as AddressInfo;
      // By another name the same machine: what the registry says of itself does not count.
      for (const target of [`http://localhost:${port}/metadata`, 'http://169.254.169.254/latest', 'http://10.0.0.7/'])
        assert.deepEqual(await redirectedTo(target), bad('it redirects to where it must not'));
      assert.deepEqual(asked, []);
    } finally {
      inside.close();
    }

    async function redirectedTo(target: string) {
      rig.fake.intercept = (_request, response) => Boolean(response.writeHead(302, { location: target }).end());
      return await rig.digestOf();
    }
  });

  it('refuses redirects in a circle', async () => {
    rig.fake.intercept = ({ url = '' }, response) => Boolean(response.writeHead(307, { location: url }).end());
    assert.deepEqual(await rig.digestOf(), bad('it redirects to where it must not'));
  });

  it('follows a redirect, and gives its token to nobody else', async () => {
    const other = await startFakeRegistry();
    try {
      const digest = other.put('team/app', imageManifest('moved'), '1');
      rig.fake.wants = { authorization: basic(), challenge: 'Basic realm="x"' };
      rig.client.who = who();
      rig.fake.intercept = ({ headers, url = '' }, response) =>
        headers.authorization === basic() && Boolean(response.writeHead(307, { location: `http://${other.host}${url}` }).end());
      assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
      assert.deepEqual(
        other.requests.map(({ authorization }) => authorization),
        [null],
      );
    } finally {
      await other.close();
    }
  });

  it('calls a body that breaks off trouble', async () => {
    rig.fake.intercept = ({ method, socket }, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('{"schema', () => socket.destroy());
      return method === 'GET';
    };
    const answer = await rig.manifestOf(unknownDigest);
    assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_UNREACHABLE');
  });

  it('calls it trouble when nobody listens', async () => {
    const gone = await startFakeRegistry();
    await gone.close();
    assert.deepEqual(await rig.client.registry.digestOf(parseImageReference(`${gone.host}/app:1`), signal), {
      kind: 'trouble',
      code: 'REGISTRY_UNREACHABLE',
      message: `${gone.host} cannot be reached: ECONNREFUSED`,
    });
    assert.deepEqual(rig.client.counts, ['unreachable']);
  });

  const unreachable: readonly (readonly [what: string, server: () => NetServer, protocol: string, message: RegExp])[] = [
    ['has no certificate', createServer, 'https', /cannot be reached: no TLS that both of us speak: .* \(ERR_SSL_.*HANDSHAKE_FAILURE\); /],
    ['does not speak TLS', createHttpServer, 'https', /it does not speak TLS \(ERR_SSL_WRONG_VERSION_NUMBER\); if it speaks plain HTTP, /],
    [
      'does not speak HTTP',
      () => createNetServer((socket) => socket.end('SSH-2.0-x\r\n')),
      'http',
      /does not speak HTTP \(HTTPParserError\); /,
    ],
    ['answers nothing', () => createNetServer((socket) => socket.end()), 'http', /it closed the connection \(UND_ERR_SOCKET\); /],
  ];
  for (const [what, open, protocol, message] of unreachable) {
    it(`says why, and what to do, when what it reaches ${what}`, async (t) => {
      const server = open();
      t.after(() => server.close());
      const listening = once(server, 'listening');
      server.listen(0, '127.0.0.1');
      await listening;
      const { port } = server.address() as AddressInfo;
      const url = new URL(`${protocol}://127.0.0.1:${port}/v2/`);
      const answer = await boundedFetch({ url, method: 'GET', headers: {}, largestBytes: 100, signal });
      assert.ok(answer.kind === 'trouble' && answer.code === 'REGISTRY_UNREACHABLE');
      assert.match(answer.message, message);
    });
  }

  it('stops at once when it is told to', async () => {
    const stopping = new AbortController();
    rig.fake.intercept = () => {
      stopping.abort(new Error('stopping'));
      return true;
    };
    await assert.rejects(rig.client.registry.digestOf(parseImageReference(`${rig.fake.host}/app:1`), stopping.signal), {
      message: 'stopping',
    });
  });
});
