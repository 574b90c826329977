import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { imageManifest } from '../testing/fake-registry.ts';
import { basic, setUpRegistry, who } from '../testing/registry-rig.ts';

describe('saying who we are to a registry', () => {
  const rig = setUpRegistry();
  const tokenReply = { token: 't0ken', expires_in: 300 };
  const bearer = (realm: string) => ({
    authorization: 'Bearer t0ken',
    challenge: `Bearer realm="${realm}",service="the registry",scope="repository:team/app:pull"`,
  });
  const realm = () => `http://${rig.fake.host}/token?account=x`;

  /** Lets the registry answer at `/token`; what it is asked there is in `requests`. */
  function serveTokens(status = 200, reply: unknown = tokenReply, headers = {}): void {
    rig.fake.wants = bearer(realm());
    rig.fake.intercept = ({ url = '' }, response) =>
      url.startsWith('/token') && Boolean(response.writeHead(status, headers).end(JSON.stringify(reply)));
  }

  it('gets a token without a name where that is enough, and uses it again until it expires', async () => {
    const digest = rig.fake.put('team/app', imageManifest('private'), '1');
    serveTokens();
    assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
    assert.deepEqual(
      rig.fake.requests.map(({ method, path, authorization }) => [method, path, authorization]),
      [
        ['HEAD', '/v2/team/app/manifests/1', null],
        ['GET', '/token?account=x&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull', null],
        ['HEAD', '/v2/team/app/manifests/1', 'Bearer t0ken'],
      ],
    );
    rig.client.clock.advance(289_000);
    await rig.digestOf();
    assert.equal(rig.fake.requests.length, 4);
    rig.client.clock.advance(2_000);
    await rig.digestOf();
    assert.equal(rig.fake.requests.length, 7);
  });

  it('names itself at the token server when it has a name', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    serveTokens(200, { access_token: 't0ken' });
    rig.client.who = who();
    assert.equal((await rig.digestOf()).kind, 'digest');
    assert.equal(rig.fake.requests[1]?.authorization, basic());
  });

  it('trades an identity token', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    serveTokens();
    rig.client.who = who('<token>', 'refresh');
    let form = '';
    const serve = rig.fake.intercept;
    rig.fake.intercept = (request, response) => {
      if (request.method === 'POST') request.setEncoding('utf8').on('data', (text: string) => (form += text));
      return serve?.(request, response) ?? false;
    };
    assert.equal((await rig.digestOf()).kind, 'digest');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(form)), {
      service: 'the registry',
      scope: 'repository:team/app:pull',
      grant_type: 'refresh_token',
      client_id: 'kedge',
      refresh_token: 'refresh',
    });
  });

  it('answers Basic with name and password', async () => {
    const digest = rig.fake.put('team/app', imageManifest('private'), '1');
    rig.fake.wants = { authorization: basic(), challenge: 'Basic realm="Registry"' };
    rig.client.who = who();
    assert.deepEqual(await rig.digestOf(), { kind: 'digest', digest });
    await rig.digestOf();
    assert.deepEqual([rig.fake.requests.length, rig.client.asked], [3, 1]);
  });

  it('gets a new token when the old one is refused early', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    serveTokens();
    await rig.digestOf();
    rig.fake.wants = { ...bearer(realm()), authorization: 'Bearer next' };
    const [, , , ...before] = rig.fake.requests;
    assert.deepEqual(before, []);
    rig.fake.intercept = ({ url = '' }, response) => url.startsWith('/token') && Boolean(response.writeHead(200).end('{"token":"next"}'));
    assert.equal((await rig.digestOf()).kind, 'digest');
  });

  const denied = async () => {
    const answer = await rig.digestOf();
    return answer.kind === 'trouble' && answer.code === 'REGISTRY_DENIED' ? answer.message : JSON.stringify(answer);
  };

  it('drops who we are when that is refused, by the registry or for a token, and not when only a token is old', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    rig.client.who = who('user', 'wrong');
    rig.fake.wants = { authorization: basic(), challenge: 'Basic realm="x"' };
    assert.equal((await rig.digestOf()).kind, 'trouble');
    assert.equal(rig.client.dropped, 1);
    serveTokens(401);
    assert.equal((await rig.digestOf()).kind, 'trouble');
    assert.equal(rig.client.dropped, 2);
    rig.client.who = who();
    serveTokens();
    assert.equal((await rig.digestOf()).kind, 'digest');
    rig.client.clock.advance(300_000);
    assert.equal((await rig.digestOf()).kind, 'digest');
    assert.equal(rig.client.dropped, 2);
  });

  it('is denied without a name, with a wrong one, and in a way that it does not understand', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    rig.fake.wants = { authorization: basic(), challenge: 'Basic realm="Registry"' };
    assert.match(await denied(), /wants a name and a password, and there are none/);
    rig.client.who = who('user', 'wrong');
    assert.match(await denied(), /denies access; .* \(HTTP 401\)/);
    rig.fake.wants = { authorization: 'x', challenge: 'Negotiate' };
    assert.match(await denied(), /in a way that is not understood/);
    serveTokens(403);
    assert.match(await denied(), /gives no token \(HTTP 403\)/);
    rig.fake.intercept = (_request, response) => Boolean(response.writeHead(403).end());
    assert.match(await denied(), /denies access; .* \(HTTP 403\)/);
  });

  it('never asks a private address for a token because a registry elsewhere said so', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    rig.client.who = who();
    for (const address of ['http://10.11.12.13/token', 'http://169.254.169.254/token', 'http://[fd00::1]/token']) {
      rig.fake.wants = bearer(address);
      assert.match(await denied(), /which is not asked: it is private/);
    }
    assert.ok(rig.fake.requests.every(({ authorization }) => authorization === null));
  });

  it('takes no nonsense for a token', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    for (const reply of [{}, { token: 5 }, { token: 'a\r\nb: c' }, 'text']) {
      serveTokens(200, reply);
      const answer = await rig.digestOf();
      assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_BAD_ANSWER', JSON.stringify(reply));
    }
    serveTokens(302);
    const answer = await rig.digestOf();
    assert.deepEqual(answer.kind === 'trouble' && answer.code, 'REGISTRY_ERROR');
    rig.fake.wants = bearer('not an address');
    const nowhere = await rig.digestOf();
    assert.deepEqual(nowhere.kind === 'trouble' && nowhere.code, 'REGISTRY_BAD_ANSWER');
  });

  it('leaves the registry alone when its token realm asks for a pause', async () => {
    const message = (status: number) => `${rig.fake.host} gives no token: it asks for a pause (HTTP ${status})`;
    const limited = { kind: 'trouble', code: 'REGISTRY_RATE_LIMITED' };
    for (const [status, retryAfter, retryAfterMs] of [
      [429, '120', 120_000],
      [503, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ] as const) {
      serveTokens(status, {}, { 'retry-after': retryAfter });
      assert.deepEqual(await rig.digestOf(), { ...limited, message: message(status), retryAfterMs });
      assert.equal(rig.client.registry.pausedForMs(rig.fake.host), retryAfterMs);
    }
    rig.client.clock.advance(60_000);
    serveTokens(429);
    assert.deepEqual(await rig.digestOf(), { ...limited, message: message(429) });
    assert.equal(rig.client.registry.pausedForMs(rig.fake.host), 0);
    serveTokens(503);
    const failed = await rig.digestOf();
    assert.equal(failed.kind === 'trouble' && failed.code, 'REGISTRY_ERROR');
  });

  it('waits when nobody can tell who it is', async () => {
    rig.fake.put('team/app', imageManifest('private'), '1');
    serveTokens();
    rig.client.who = new Error('secrets are away');
    assert.deepEqual(await rig.digestOf(), {
      kind: 'postponed',
      message: `the credentials for ${rig.fake.host} cannot be asked for: secrets are away`,
    });
  });

  it('says nothing that is secret', async () => {
    serveTokens(200, { token: 'c4nary' });
    rig.client.who = who('user', 'c4nary');
    const said = JSON.stringify([await rig.digestOf(), rig.client]);
    assert.ok(!said.includes('c4nary') && !said.includes(basic('user', 'c4nary')), said);
  });
});
