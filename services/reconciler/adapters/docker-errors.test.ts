import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { engineError, engineTimeout, unlessStatus } from './docker-errors.ts';

function answered(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), { statusCode, json: { message } });
}

const wiring = 'failed to set up container networking: driver failed programming external connectivity on endpoint web (1fcefd):';

function broken(code: string): Error {
  return Object.assign(new Error('broken'), { code });
}

function codeOf(thrown: unknown): string {
  const error = engineError('do it', thrown);
  if (error instanceof RetryableError) return `${error.code} retryable`;
  return error instanceof TerminalError ? `${error.code} terminal` : 'as it was';
}

describe('the error of a call to the engine', () => {
  for (const { thrown, code } of [
    { thrown: broken('ECONNREFUSED'), code: 'ENGINE_UNREACHABLE retryable' },
    { thrown: broken('ENOENT'), code: 'ENGINE_UNREACHABLE retryable' },
    { thrown: broken('EACCES'), code: 'ENGINE_UNREACHABLE retryable' },
    { thrown: broken('ECONNRESET'), code: 'ENGINE_UNREACHABLE retryable' },
    { thrown: broken('HPE_INVALID_CONSTANT'), code: 'ENGINE_UNREACHABLE retryable' },
    { thrown: answered(500, 'something'), code: 'ENGINE_ERROR retryable' },
    { thrown: answered(503, 'Address already in use'), code: 'ENGINE_ERROR retryable' },
    { thrown: answered(403, 'failed to set up container networking: Address already in use'), code: 'ADDRESS_TAKEN retryable' },
    { thrown: answered(403, 'endpoint with name web already exists in network kedge'), code: 'ENDPOINT_TAKEN retryable' },
    { thrown: answered(500, 'failed to allocate gateway (172.24.0.1): Address already in use'), code: 'SUBNET_TAKEN retryable' },
    { thrown: answered(403, 'invalid pool request: Pool overlaps with other one on this address space'), code: 'SUBNET_TAKEN retryable' },
    { thrown: answered(500, `${wiring} Bind for 127.0.0.1:8080 failed: port is already allocated`), code: 'PORT_TAKEN retryable' },
    {
      thrown: answered(500, `${wiring} failed to bind host port for 0.0.0.0:53:172.17.0.4:80/udp: address already in use`),
      code: 'PORT_TAKEN retryable',
    },
    { thrown: answered(404, 'No such image: node:nope'), code: 'IMAGE_MISSING retryable' },
    { thrown: answered(404, 'failed to set up container networking: network late not found'), code: 'NETWORK_MISSING retryable' },
    { thrown: answered(404, 'No such container: abc'), code: 'CONTAINER_GONE retryable' },
    { thrown: answered(404, 'something else'), code: 'ENGINE_REFUSED terminal' },
    { thrown: answered(400, 'invalid'), code: 'ENGINE_REFUSED terminal' },
    { thrown: answered(409, 'conflict'), code: 'ENGINE_REFUSED terminal' },
    { thrown: new TypeError('a mistake of ours'), code: 'as it was' },
    { thrown: 'not even an error', code: 'as it was' },
    { thrown: new TerminalError('NOT_OURS', 'x'), code: 'NOT_OURS terminal' },
  ]) {
    it(`${thrown instanceof Error ? `${thrown.name} "${thrown.message.trim()}"` : thrown} is ${code}`, () => {
      assert.equal(codeOf(thrown), code);
    });
  }

  it('repeats the engine’s own sentence once', () => {
    const error = engineError('start container web', answered(400, 'no such program'));
    assert.equal(error instanceof Error && error.message, 'the container engine refused to start container web: no such program');
  });

  it('finds the sentence also where the answer was text, or came in pieces', () => {
    const text = Object.assign(new Error('(HTTP code 500) unexpected - x'), { statusCode: 500, json: Buffer.from('plain text\n') });
    const pieces = Object.assign(new Error('(HTTP code 500) server error - in - pieces '), { statusCode: 500 });
    assert.match(String(engineError('do it', text)), /do it: plain text$/);
    assert.match(String(engineError('do it', pieces)), /do it: in - pieces$/);
  });

  it('says how long it waited', () => {
    const error = engineTimeout('pull app', 600_000);
    assert.equal(error.code, 'ENGINE_UNREACHABLE');
    assert.match(error.message, /pull app .* 600000 ms/);
  });
});

describe('an expected status', () => {
  const refused = (status: number) => Promise.reject(engineError('do it', answered(status, 'x')));

  it('is a value, any other stays an error', async () => {
    assert.equal(await unlessStatus(Promise.resolve(1), { statuses: [404], instead: null }), 1);
    assert.equal(await unlessStatus(refused(404), { statuses: [304, 404], instead: null }), null);
    await assert.rejects(unlessStatus(refused(409), { statuses: [304, 404], instead: null }), { code: 'ENGINE_REFUSED' });
    await assert.rejects(unlessStatus(Promise.reject(new TypeError('x')), { statuses: [404], instead: null }), TypeError);
  });
});

describe('a port that the engine could not publish', () => {
  for (const { words, named } of [
    { words: 'Bind for 127.0.0.1:8080 failed: port is already allocated', named: 'port 8080 of' },
    { words: 'Bind for :::8080 failed: port is already allocated', named: 'port 8080 of' },
    { words: 'failed to bind host port for 0.0.0.0:8080:172.17.0.4:80/tcp: address already in use', named: 'port 8080 of' },
    { words: 'failed to bind host port for [::]:8080:172.17.0.4:80/tcp: address already in use', named: 'port 8080 of' },
    { words: 'failed to bind host port 0.0.0.0:8080/tcp: address already in use', named: 'port 8080 of' },
    { words: 'failed to bind host port for 0.0.0.0:53:172.17.0.4:80/udp: address already in use', named: 'port 53/udp of' },
    { words: 'Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use', named: 'port 8080 of' },
  ]) {
    it(`is named in a short sentence: ${words}`, () => {
      const error = engineError('start container abc', answered(500, `${wiring} ${words}`));
      assert.ok(error instanceof RetryableError);
      assert.ok(error.message.startsWith(named), error.message);
      assert.doesNotMatch(error.message, /endpoint/);
    });
  }
});
