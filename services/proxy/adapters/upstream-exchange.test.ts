import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it, type TestContext } from 'node:test';
import { Target } from '@kedge/shared/contracts';
import type { AnswerHead } from '../core/answer-head.ts';
import type { AnswerListener, UpstreamFailure, UpstreamRequest } from '../ports.ts';
import { Exchange } from './upstream-exchange.ts';

const target = Target.parse({ id: 'c1', address: '127.0.0.1', port: 80, release: `v1:${'0'.repeat(64)}`, state: 'ready' });

const head: AnswerHead = {
  kind: 'head',
  status: 200,
  reason: 'OK',
  headers: [],
  body: { kind: 'until-close' },
  trailer: null,
  keepAlive: false,
  keepAliveMs: null,
};

function begin(t: TestContext, body: UpstreamRequest['body']) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failures: UpstreamFailure[] = [];
  const ignore = () => undefined;
  const listener: AnswerListener = {
    onReady: ignore,
    onInformation: ignore,
    onHead: ignore,
    onData: () => true,
    onDrain: ignore,
    onEnd: ignore,
    onFailure: (failure) => failures.push(failure),
  };
  const exchange = new Exchange({ target, scheme: 'http', method: 'POST', path: '/', headers: [], body, repeatable: false }, listener);
  exchange.limitWait(1_000);
  return { exchange, failures, pass: (ms: number) => t.mock.timers.tick(ms) };
}

describe('the wait for an answer', () => {
  for (const body of ['length', 'chunked'] as const) {
    it(`begins anew with each piece of an upload (${body}), and with its end`, (t) => {
      const { exchange, failures, pass } = begin(t, body);
      for (let piece = 0; piece < 10; piece += 1) {
        pass(900);
        exchange.write(Buffer.from('piece'));
      }
      pass(900);
      exchange.end([]);
      pass(999);
      assert.deepEqual(failures, []);
      pass(1);
      assert.deepEqual(failures, [{ kind: 'too-slow', reason: 'no answer within 1000 ms' }]);
    });
  }

  it('ends when the head of the answer comes, whatever is still uploaded', (t) => {
    const { exchange, failures, pass } = begin(t, 'length');
    exchange.onHead(head);
    exchange.write(Buffer.from('late'));
    pass(10_000);
    assert.deepEqual(failures, []);
  });

  it('is over for who gave up, also when it goes on writing', (t) => {
    const { exchange, failures, pass } = begin(t, 'length');
    pass(1_000);
    exchange.write(Buffer.from('late'));
    pass(1_000);
    assert.equal(failures.length, 1);
  });
});
