import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseImageReference } from '@kedge/shared/contracts';
import { imageManifest } from '../testing/fake-registry.ts';
import { setUpRegistry, who } from '../testing/registry-rig.ts';

describe('one question to a registry', () => {
  const rig = setUpRegistry();
  const { signal } = new AbortController();
  const question = () => ({ image: parseImageReference(`${rig.fake.host}/team/app:1`), reference: '1', signal });
  const get = async () => await rig.client.exchange.get(question());
  const head = async () => await rig.client.exchange.head(question());
  const answerWith = (status: number, headers: Readonly<Record<string, string>> = {}) => {
    rig.fake.intercept = (_request, response) => Boolean(response.writeHead(status, headers).end());
  };

  it('finds a manifest, or knows that it is not there, and counts both', async () => {
    assert.deepEqual(await get(), { kind: 'absent' });
    rig.fake.put('team/app', imageManifest('a'), '1');
    const read = await get();
    assert.deepEqual([read.kind === 'found' && read.answer.status, (await head()).kind], [200, 'found']);
    assert.deepEqual(rig.client.counts, ['absent', 'found', 'found']);
  });

  it('tells a registry that knows no HEAD from one that has nothing, and counts no answer then', async () => {
    for (const status of [405, 501]) {
      answerWith(status);
      assert.deepEqual(await head(), { kind: 'no-head' });
    }
    answerWith(404);
    assert.deepEqual(await head(), { kind: 'absent' });
    assert.deepEqual(rig.client.counts, ['absent']);
  });

  it('drops what it knew when it is denied, asks once more, and drops who it is when that is denied too', async () => {
    rig.client.who = who();
    answerWith(401, { 'www-authenticate': 'Basic realm="x"' });
    const read = await get();
    assert.deepEqual(read.kind === 'trouble' && read.code, 'REGISTRY_DENIED');
    assert.deepEqual([rig.fake.requests.length, rig.client.dropped, rig.client.counts], [2, 1, ['challenged', 'denied']]);
  });

  it('counts an answer that is not to be believed as such', () => {
    const { image } = question();
    assert.deepEqual(rig.client.exchange.bad(image, 'why'), {
      kind: 'trouble',
      code: 'REGISTRY_BAD_ANSWER',
      message: `${rig.fake.host} answered nonsense: why`,
    });
    assert.deepEqual(rig.client.counts, ['bad-answer']);
  });

  it('calls a failure inside trouble', async () => {
    for (const status of [500, 502, 503]) {
      answerWith(status);
      assert.deepEqual(await get(), {
        kind: 'trouble',
        code: 'REGISTRY_ERROR',
        message: `${rig.fake.host} failed (HTTP ${status})`,
      });
    }
  });

  describe('that asks for a pause', () => {
    const limited = (status: number, more: { readonly retryAfterMs?: number } = {}) => ({
      kind: 'trouble',
      code: 'REGISTRY_RATE_LIMITED',
      message: `${rig.fake.host} asks for a pause (HTTP ${status})`,
      ...more,
    });
    const pausedForMs = () => rig.client.exchange.pausedForMs(rig.fake.host);

    it('gets it, in seconds or until a date, and no other registry does', async () => {
      assert.equal(pausedForMs(), 0);
      answerWith(429, { 'retry-after': '7' });
      assert.deepEqual(await get(), limited(429, { retryAfterMs: 7_000 }));
      rig.client.clock.advance(5_000);
      assert.equal(pausedForMs(), 2_000);
      assert.equal(rig.client.exchange.pausedForMs('elsewhere'), 0);
      answerWith(503, { 'retry-after': 'Thu, 01 Jan 2026 00:01:05 GMT' });
      assert.deepEqual(await get(), limited(503, { retryAfterMs: 60_000 }));
      assert.equal(pausedForMs(), 60_000);
    });

    it('gets none when it names no time', async () => {
      answerWith(429);
      assert.deepEqual(await get(), limited(429));
      assert.equal(pausedForMs(), 0);
    });

    it('keeps the longer one of two that are known', () => {
      rig.client.exchange.pauseFor(rig.fake.host, 5_000);
      rig.client.exchange.pauseFor(rig.fake.host, 1_000);
      assert.equal(pausedForMs(), 5_000);
    });
  });
});
