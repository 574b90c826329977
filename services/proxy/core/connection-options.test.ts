import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConnectionOptions } from './connection-options.ts';

describe('connection options', () => {
  it('that are only about the connection need nothing', () => {
    for (const value of ['keep-alive', 'Keep-Alive', 'upgrade, keep-alive', 'Upgrade, HTTP2-Settings', 'TE', '', ',,'])
      assert.equal(readConnectionOptions(value).kind, 'plain', value);
  });

  it('name headers that end here, in lower case', () => {
    const options = readConnectionOptions('close, X-One,\tx-TWO');
    assert.deepEqual(options.kind === 'named' && [[...options.names], options.close], [['x-one', 'x-two'], true]);
  });

  it('may not name framing, routing or the client', () => {
    for (const option of [
      'content-length',
      'Transfer-Encoding',
      'HOST',
      'expect',
      'x-forwarded-for',
      'x_forwarded_for',
      'x-real-ip',
      'connection',
    ]) {
      assert.equal(readConnectionOptions(`keep-alive, ${option}`).kind, 'refused', option);
    }
  });
});
